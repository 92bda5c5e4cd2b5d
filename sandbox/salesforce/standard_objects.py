"""The objects that this org knows and their fields, as describe reports them in a plain org (checked against recorded
describes of Lead, Contact, Account, Opportunity and Event; fields that nothing here uses are left out).

A line is: name, type, and `required`, `read` (nobody writes it), `create` (fixed once created), `=default`, and
`!filter` where no condition may be on it. `OwnerId Group,User as Owner` is a reference to either, followed in queries
as `Owner.…` (`as -`: it cannot be followed); with `from Tasks` the records that refer are the `Tasks` of the one that
they refer to.
"""

ID = """
Id               id(18)         read
"""

STAMPS = """
CreatedDate      datetime       read
CreatedById      User as CreatedBy  read
LastModifiedDate datetime       read
LastModifiedById User as LastModifiedBy  read
SystemModstamp   datetime       read
"""

DELETABLE = """
IsDeleted        boolean        read
"""

PERSON = """
LastName         string(80)     required
FirstName        string(40)
Salutation       picklist(40)
Name             string(121)    read
Title            string(128)
Phone            phone(40)
MobilePhone      phone(40)
Fax              phone(40)
Email            email(80)
LeadSource       picklist(255)
Description      textarea(32000)
LastActivityDate date           read
"""

COMPANY = """
Website           url(255)
Industry          picklist(255)
AnnualRevenue     currency(18)
NumberOfEmployees int
Rating            picklist(255)
"""

LEAD = """
Company           string(255)    required
Street            textarea(255)
City              string(40)
State             string(80)
PostalCode        string(20)
Country           string(80)
Status            picklist(255)  ="Open - Not Contacted"
OwnerId           Group,User as Owner
IsConverted       boolean        create =false
ConvertedDate     date           read
ConvertedAccountId Account as ConvertedAccount  read
ConvertedContactId Contact as ConvertedContact  read
ConvertedOpportunityId Opportunity as ConvertedOpportunity  read
IsUnreadByOwner   boolean        =true
MasterRecordId    Lead as MasterRecord  read
LastViewedDate    datetime      read
LastReferencedDate datetime     read
"""

CONTACT = """
AccountId         Account as Account from Contacts
OwnerId           User as Owner
MasterRecordId    Contact as MasterRecord  read
Department        string(80)
MailingStreet     textarea(255)
MailingCity       string(40)
MailingState      string(80)
MailingPostalCode string(20)
MailingCountry    string(80)
"""

ACCOUNT = """
Name              string(255)    required
Type              picklist(255)
ParentId          Account as Parent from ChildAccounts
MasterRecordId    Account as MasterRecord  read
AccountNumber     string(40)
Phone             phone(40)
Description       textarea(32000)
OwnerId           User as Owner
BillingStreet     textarea(255)
BillingCity       string(40)
BillingState      string(80)
BillingPostalCode string(20)
BillingCountry    string(80)
LastActivityDate  date           read
"""

USER = """
Username          string(80)     required
LastName          string(80)     required
FirstName         string(40)
Name              string(121)    read
Alias             string(8)
Email             email(128)     required
Phone             phone(40)
Title             string(80)
Department        string(80)
IsActive          boolean        =true
UserType          picklist(40)   read ="Standard"
TimeZoneSidKey    picklist(40)   ="Europe/Berlin"
LocaleSidKey      picklist(40)   ="en_GB"
LastLoginDate     datetime       read
ManagerId         User as Manager
UserRoleId        UserRole as UserRole
FederationIdentifier string(512)
"""

GROUP = """
Name              string(40)     required
DeveloperName     string(80)
Type              picklist(40)   create ="Queue"
Email             email(255)
"""

TASK = """
WhoId             Contact,Lead as Who from Tasks
WhatId            Account,Inquiry__c,Opportunity as What from Tasks
Subject           combobox(255)
Status            picklist(255)  ="Not Started"
Priority          picklist(255)  ="Normal"
IsHighPriority    boolean        read =false
OwnerId           Group,User as Owner
ActivityDate      date
Description       textarea(32000)
Type              picklist(40)
IsClosed          boolean        read =false
IsArchived        boolean        read =false
TaskSubtype       picklist(40)   create ="Task"
CallType          picklist(40)
CallDurationInSeconds int
CallDisposition   string(255)
CallObject        string(255)
CompletedDateTime datetime       read
ReminderDateTime  datetime
IsReminderSet     boolean        =false
"""

EVENT = """
WhoId             Contact,Lead as Who from Events
WhatId            Account,Inquiry__c,Opportunity as What from Events
Subject           combobox(255)
Location          string(255)
IsAllDayEvent     boolean        =false
ActivityDateTime  datetime
ActivityDate      date
DurationInMinutes int
StartDateTime     datetime
EndDateTime       datetime
Description       textarea(32000)
OwnerId           Calendar,User as Owner
IsPrivate         boolean        =false
ShowAs            picklist(40)   ="Busy"
IsChild           boolean        read =false
IsGroupEvent      boolean        read =false
IsRecurrence      boolean        create =false
IsArchived        boolean        read =false
EventSubtype      picklist(40)   create
"""

EMAIL_MESSAGE = """
ActivityId        Task as Activity
RelatedToId       Account,Inquiry__c,Opportunity as RelatedTo from Emails
Status            picklist(40)   ="3"
Incoming          boolean        =false
MessageDate       datetime
Subject           string(3000)
TextBody          textarea(131072)
FromAddress       email(1000)
ToAddress         string(4000)
"""

EMAIL_MESSAGE_RELATION = """
EmailMessageId    EmailMessage as EmailMessage from EmailMessageRelations required
RelationId        Contact,Lead,User as Relation
RelationType      picklist(40)   required
RelationAddress   string(255)
RelationObjectType picklist(40)  read
"""

OPPORTUNITY = """
AccountId         Account as Account from Opportunities
Name              string(120)    required
StageName         picklist(255)  required
CloseDate         date           required
Amount            currency(18,2)
Probability       percent(3)
Type              picklist(255)
LeadSource        picklist(255)
NextStep          string(255)
Description       textarea(32000)
IsClosed          boolean        read =false
IsWon             boolean        read =false
OwnerId           User as Owner
ContactId         Contact as - from Opportunities create
LastActivityDate  date           read
LastStageChangeDate datetime     read
"""

# Neither deleted nor stamped: rows that the system writes about others.
LOGIN_HISTORY = """
UserId            User as User from LoginHistories read
LoginTime         datetime       read
LoginType         picklist(40)   read
SourceIp          string(39)     read
Status            string(128)    read
Application       string(64)     read
"""

USER_LOGIN = """
UserId            User as User from UserLogins read
IsFrozen          boolean        =false
IsPasswordLocked  boolean        =false
LastModifiedDate  datetime       read
LastModifiedById  User as LastModifiedBy  read
"""

HISTORY = """
IsDeleted         boolean        read
CreatedById       User as CreatedBy  read
CreatedDate       datetime       read
Field             picklist(255)  read
DataType          picklist(40)   read
OldValue          anyType        read !filter
NewValue          anyType        read !filter
"""

LEAD_STATUS = """
MasterLabel       string(255)    read
ApiName           string(255)    read
SortOrder         int            read
IsDefault         boolean        read =false
IsConverted       boolean        read =false
"""

BUSINESS_HOURS = """
Name              string(80)     read
IsActive          boolean        read =true
IsDefault         boolean        read =false
TimeZoneSidKey    picklist(40)   read
MondayStartTime   time           read
MondayEndTime     time           read
TuesdayStartTime  time           read
TuesdayEndTime    time           read
WednesdayStartTime time          read
WednesdayEndTime  time           read
ThursdayStartTime time           read
ThursdayEndTime   time           read
FridayStartTime   time           read
FridayEndTime     time           read
SaturdayStartTime time           read
SaturdayEndTime   time           read
SundayStartTime   time           read
SundayEndTime     time           read
"""

HOLIDAY = """
Name              string(80)     required
Description       textarea(1000)
IsAllDay          boolean        =true
ActivityDate      date
StartTimeInMinutes int
EndTimeInMinutes  int
IsRecurrence      boolean        =false
RecurrenceStartDate date
RecurrenceEndDateOnly date
RecurrenceType    picklist(40)
RecurrenceInterval int
RecurrenceDayOfWeekMask int
RecurrenceDayOfMonth int
RecurrenceInstance picklist(40)
RecurrenceMonthOfYear picklist(40)
"""

# An object of somebody's own that has owners, for those whose leads are not Leads.
INQUIRY = """
Name              string(80)     required
OwnerId           Group,User as Owner
First_Name__c     string(40)
Last_Name__c      string(80)
Company__c        string(255)
Email__c          email(80)
Phone__c          phone(40)
Country__c        string(80)
Employees__c      double
Status__c         picklist(255)  ="New"
Account__c        Account as Account__r from Inquiries__r
"""

PLAIN = {
    "UserRole": ("00E", "Name string(80) required\nParentRoleId UserRole as ParentRole\nDeveloperName string(80)"),
    "AccountTeamMember": (
        "01M",
        "AccountId Account as Account from AccountTeamMembers required\nUserId User as User required"
        "\nTeamMemberRole picklist(40)",
    ),
    "OutOfOffice": (
        "0DP",
        "UserId User as User required\nStartDate datetime required\nEndDate datetime required"
        "\nIsEnabled boolean read =true !filter\nMessage string(80)",
    ),
    "Campaign": ("701", "Name string(80) required\nOwnerId User as Owner\nIsActive boolean =false"),
    "CampaignMember": (
        "00v",
        "CampaignId Campaign as Campaign from CampaignMembers required"
        "\nLeadId Lead as Lead from CampaignMembers\nContactId Contact as Contact from CampaignMembers"
        "\nStatus picklist(40)\nFirstRespondedDate date",
    ),
    "PermissionSet": (
        "0PS",
        "Name string(80) required\nLabel string(80) required\nDescription string(255)"
        "\nIsOwnedByProfile boolean read =false",
    ),
    "PermissionSetAssignment": (
        "0Pa",
        "PermissionSetId PermissionSet as PermissionSet required\nAssigneeId User as Assignee required",
    ),
    "FieldPermissions": (
        "01k",
        "ParentId PermissionSet as Parent required\nSobjectType picklist(40) required\nField picklist(255) required"
        "\nPermissionsRead boolean =false\nPermissionsEdit boolean =false",
    ),
}

SETUP = {
    "User": ("005", USER),
    "Group": ("00G", GROUP),
    "QueueSobject": (
        "03g",
        "QueueId Group as Queue from QueueSobjects required\nSobjectType picklist(40) required",
    ),
    "GroupMember": (
        "011",
        "GroupId Group as Group from GroupMembers required\nUserOrGroupId Group,User as UserOrGroup required",
    ),
    "Organization": (
        "00D",
        "Name string(80) required\nOrganizationType picklist(40) read\nInstanceName string(5) read"
        "\nIsSandbox boolean read\nTimeZoneSidKey picklist(40)\nDefaultLocaleSidKey picklist(40)"
        "\nLanguageLocaleKey picklist(40)",
    ),
}
"""objects without IsDeleted"""

WHOLE = {
    "LoginHistory": ("0Ya", LOGIN_HISTORY),
    "UserLogin": ("0Yw", USER_LOGIN),
    # All have one prefix in Salesforce; here an id has to tell its object.
    "LeadHistory": ("017", "LeadId Lead as Lead from Histories read" + HISTORY),
    "ContactHistory": ("018", "ContactId Contact as Contact from Histories read" + HISTORY),
    "Inquiry__History": ("019", "ParentId Inquiry__c as Parent from Histories read" + HISTORY),
}
"""objects that have no other fields than these and Id"""

STANDARD = {
    "Lead": ("00Q", PERSON + COMPANY + LEAD),
    "Contact": ("003", PERSON + CONTACT),
    "Account": ("001", COMPANY + ACCOUNT),
    "Opportunity": ("006", OPPORTUNITY),
    "Task": ("00T", TASK),
    "Event": ("00U", EVENT),
    "EmailMessage": ("02s", EMAIL_MESSAGE),
    "EmailMessageRelation": ("0CI", EMAIL_MESSAGE_RELATION),
    "LeadStatus": ("01J", LEAD_STATUS),
    "BusinessHours": ("01m", BUSINESS_HOURS),
    "Holiday": ("0C0", HOLIDAY),
    "Inquiry__c": ("a00", INQUIRY),
    **PLAIN,
}

# What a reference to several objects offers in a query without TYPEOF, whichever of them it is.
NAME = """
Name              string(121)    read
FirstName         string(40)     read
LastName          string(80)     read
Email             email(80)      read
Phone             phone(40)      read
Title             string(80)     read
Username          string(80)     read
Alias             string(8)      read
Type              picklist(40)   read
IsActive          boolean        read
"""

CONVERTED = "Closed - Converted"
CHOICES = {
    "Lead.Status": (
        "Open - Not Contacted",
        "Working - Contacted",
        CONVERTED,
        "Closed - Not Converted",
    ),
    "Lead.LeadSource": ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"),
    "Lead.Rating": ("Hot", "Warm", "Cold"),
    "Task.Status": ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"),
    "Task.Priority": ("High", "Normal", "Low"),
    "Task.TaskSubtype": ("Task", "Email", "ListEmail", "Cadence", "Call", "LinkedIn"),
    "Task.CallType": ("Internal", "Inbound", "Outbound"),
    "Event.ShowAs": ("Busy", "OutOfOffice", "Free"),
    "EmailMessage.Status": ("0", "1", "2", "3", "4", "5"),
    "EmailMessageRelation.RelationType": (
        "ToAddress",
        "CcAddress",
        "BccAddress",
        "FromAddress",
        "OtherAddress",
    ),
    "Opportunity.StageName": (
        "Prospecting",
        "Qualification",
        "Needs Analysis",
        "Proposal/Price Quote",
        "Negotiation/Review",
        "Closed Won",
        "Closed Lost",
    ),
    "Inquiry__c.Status__c": ("New", "Working", "Done"),
}
"""what picklists offer"""
RESTRICTED = frozenset({"Event.ShowAs"})
"""picklists that take nothing else"""

UNIQUE = {
    "User": ("Username",),
    "PermissionSet": ("Name",),
    "PermissionSetAssignment": ("PermissionSetId", "AssigneeId"),
    "FieldPermissions": ("ParentId", "Field"),
    "QueueSobject": ("QueueId", "SobjectType"),
}

TOOLING = {
    "CustomField": (
        "00N",
        "DeveloperName string(40)\nTableEnumOrId picklist(40)\nNamespacePrefix string(15) read\nFullName string(255)"
        "\nEntityDefinitionId EntityDefinition as EntityDefinition read\nMetadata complexvalue",
    ),
    "ValidationRule": (
        "03d",
        "ValidationName string(40)\nEntityDefinitionId EntityDefinition as EntityDefinition read\nActive boolean"
        "\nDescription textarea(255)\nErrorMessage textarea(255)\nErrorDisplayField string(40)\nFullName string(255)"
        "\nNamespacePrefix string(15) read\nMetadata complexvalue",
    ),
    "EntityDefinition": (
        "4ie",
        "DurableId string(255) read\nQualifiedApiName string(255) read\nDeveloperName string(255) read"
        "\nLabel string(255) read\nKeyPrefix string(3) read",
    ),
}
