from sandbox.world import Dialect, World


def dialect(world: World) -> Dialect:
    return Stub()


class Stub:
    name = "salesforce"
    prefixes = ("/services/",)
    def routes(self): return []
    def fault(self, status, retry_after):
        from starlette.responses import JSONResponse
        return JSONResponse([], status)
    def decorate(self, headers): return {}
    def reset(self): pass
    async def background(self): pass
    def __getattr__(self, name): return lambda *a: []
