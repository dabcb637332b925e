public import HTTP

/// Serves jobs and reports over the program's HTTP server.
public func jobsRoute(_ api: JobsAPI) -> HTTPRoute {
    { request in api.response(to: request) }
}

/// Serves the engines over the program's HTTP server.
public func enginesRoute(_ api: EnginesAPI) -> HTTPRoute {
    { request in api.response(to: request) }
}
