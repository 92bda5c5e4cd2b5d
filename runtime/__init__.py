"""The shell: clock, queue, HTTP and wiring. It gathers, asks the core, applies; it decides nothing."""
