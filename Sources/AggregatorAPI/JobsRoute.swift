internal import GridAPI
public import HTTP

/// Serves jobs and reports over the program's HTTP server.
public func jobsRoute(_ api: JobsAPI) -> HTTPRoute {
    { request in api.response(to: request) }
}

/// Serves a route to requests that carry a token; to all when there is none.
public func guarded(_ route: @escaping HTTPRoute, by token: BearerToken?) -> HTTPRoute {
    guard let token else { return route }
    let failure = APIFailure(
        code: "unauthorized",
        message: "the request does not carry the token of --http-token-file"
    )
    return token.guarding(route, refusal: answer(failure, status: 401))
}

/// Serves the engines over the program's HTTP server.
public func enginesRoute(_ api: EnginesAPI) -> HTTPRoute {
    { request in api.response(to: request) }
}
