public import Operations

/// Answers the requests it knows; nil for others.
public typealias HTTPRoute = @Sendable (HTTPRequest) -> HTTPResponse?

/// A route that asks others in order and takes the first answer.
public func firstMatch(of routes: [HTTPRoute]) -> HTTPRoute {
    { request in
        for route in routes {
            if let response = route(request) { return response }
        }
        return nil
    }
}

/// The route of /livez, /readyz and /metrics; composed with others by ``firstMatch(of:)``.
public func operationsRoutes(health: HealthChecks, metrics: MetricsRegistry) -> HTTPRoute {
    { request in
        guard ["/livez", "/readyz", "/metrics"].contains(request.path) else { return nil }
        guard request.method == "GET" else { return .methodNotAllowed(allow: ["GET"]) }
        switch request.path {
        case "/livez": return HTTPResponse(health.liveness)
        case "/readyz": return HTTPResponse(health.readiness)
        default:
            return HTTPResponse(
                contentType: "text/plain; version=0.0.4; charset=utf-8",
                body: .bytes(Array(metrics.prometheusText().utf8))
            )
        }
    }
}

extension HTTPResponse {
    /// What health checks found: 200 or 503, and a line a check.
    public init(_ report: HealthReport) {
        self = .text(report.text, status: report.isWell ? 200 : 503)
    }
}
