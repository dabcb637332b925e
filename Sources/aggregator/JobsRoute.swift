internal import GridAggregation
internal import Operations

/// Serves jobs and reports over the program's HTTP server.
func jobsRoute(_ api: JobsAPI) -> HTTPRoute {
    { request in
        let asked = JobsRequest(method: request.method, path: request.path, query: request.query)
        guard let answer = api.response(to: asked) else { return nil }
        let body: HTTPResponse.Body =
            switch answer.body {
            case .bytes(let bytes): .bytes(bytes)
            case .file(let path): .file(path: path, deleteAfter: false)
            }
        return HTTPResponse(status: answer.status, contentType: answer.contentType, body: body)
    }
}
