internal import Operations

/// Where a Kubernetes API server is, and as whom it is asked.
public struct KubernetesAddress: Hashable, Sendable {
    /// As `https://10.96.0.1:443`, without a `/` at its end.
    public var url: String
    /// Certificates of the authorities that sign the server's, PEM; nil for the system's.
    public var caFile: String?
    /// The bearer token; read anew as it is replaced.
    public var tokenFile: String
    /// The namespace of the grid.
    public var namespace: String

    /// Makes an address.
    public init(url: String, caFile: String?, tokenFile: String, namespace: String) {
        self.url = url
        self.caFile = caFile
        self.tokenFile = tokenFile
        self.namespace = namespace
    }

    /// The folder that Kubernetes mounts in pods.
    public static let mountedFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// That of the cluster in which this process runs.
    ///
    /// - Parameters:
    ///   - environment: the process's variables.
    ///   - folder: where token, certificate and namespace are mounted.
    /// - Returns: nil outside of a cluster, or where no token is mounted.
    public static func ofPod(
        environment: [String: String],
        folder: String = mountedFolder
    ) -> KubernetesAddress? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"].flatMap(UInt16.init),
            SmallFile.text("\(folder)/token") != nil
        else { return nil }
        let name = host.contains(":") ? "[\(host)]" : host
        return KubernetesAddress(
            url: "https://\(name):\(port)",
            caFile: "\(folder)/ca.crt",
            tokenFile: "\(folder)/token",
            namespace: SmallFile.text("\(folder)/namespace") ?? "default"
        )
    }
}
