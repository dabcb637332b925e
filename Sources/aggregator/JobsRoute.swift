internal import GridAggregation
internal import Operations

/// Serves jobs and reports over the program's HTTP server.
func jobsRoute(_ api: JobsAPI) -> HTTPRoute {
    { request in
        api.response(to: JobsRequest(request)).map { HTTPResponse($0) }
    }
}

/// Serves the engines over the program's HTTP server.
func enginesRoute(_ api: EnginesAPI) -> HTTPRoute {
    { request in
        api.response(to: JobsRequest(request)).map { HTTPResponse($0) }
    }
}

extension JobsRequest {
    fileprivate init(_ request: HTTPRequest) {
        self.init(method: request.method, path: request.path, query: request.query)
    }
}

extension HTTPResponse {
    fileprivate init(_ answer: JobsResponse) {
        let body: HTTPResponse.Body =
            switch answer.body {
            case .bytes(let bytes): .bytes(bytes)
            case .file(let path): .file(path: path, deleteAfter: false)
            }
        self.init(status: answer.status, contentType: answer.contentType, body: body)
    }
}
