"""Names that look unused and are not: somebody else calls or reads them. One line each, with who does."""

access_token  # hubspot-api-client reads its configuration
retries  # hubspot-api-client reads its configuration
trust_env  # requests
handle  # socketserver
daemon_threads  # socketserver
impl  # SQLAlchemy's TypeDecorator
cache_ok  # SQLAlchemy's TypeDecorator
process_bind_param  # SQLAlchemy's TypeDecorator
result_processor  # SQLAlchemy's TypeDecorator
load_dialect_impl  # SQLAlchemy's TypeDecorator
inherit_cache  # SQLAlchemy's FunctionElement
self_group  # SQLAlchemy's FunctionElement
_on_sqlite  # SQLAlchemy's compiler
_on_postgresql  # SQLAlchemy's compiler
down_revision  # Alembic
isolation_level  # sqlite3
yaml_implicit_resolvers  # PyYAML
handlers  # logging
__stdout__  # Celery writes there
should_exit  # uvicorn
list_commands  # click
get_command  # click
format_commands  # click
trace  # the third argument of __exit__
LostRace  # part of the errors that a connector may raise, and of what callers catch
ADMIN  # causes of decisions: `fairlead reassign` will use it
by_others  # evidence of people who are not the owner, for the reports
backfill  # `fairlead` names its sub-commands as text
demo  # `fairlead` names its sub-commands as text
up  # `fairlead` names its sub-commands as text
add_absence  # the ledger's part of `fairlead away`
at_real  # the sandbox's call log, as JSON
reads  # how a stand-in CRM is used, for the tests of every CRM
creates_tasks  # how a stand-in CRM is used, for the tests of every CRM
looks_for_tasks  # how a stand-in CRM is used, for the tests of every CRM
calls_to_look  # how a stand-in CRM is used, for the tests of every CRM
first_for_each  # for whatever asks about many leads at once; so far the benchmarks
case_sensitive  # RE2's options
log_errors  # RE2's options
