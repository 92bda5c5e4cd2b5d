"""What mail servers know of mails: mailboxes over IMAP, and files of message tracking. Only headers are read, and
a subject is never kept."""
