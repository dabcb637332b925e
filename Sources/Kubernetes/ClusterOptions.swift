public import Operations
public import Scaling

/// What sets the number of engines, as a program's options say.
public enum ClusterChoice: Hashable, Sendable {
    /// A Kubernetes cluster.
    case kubernetes(KubernetesAddress)
    /// Processes of this machine.
    case local
    /// Nothing here; for people, why, and what to do instead.
    case none(String)

    /// The options that ``init(_:environment:)`` reads, and `scale-limits`.
    public static let options: [Option] = [
        Option(
            name: "cluster",
            placeholder: "KIND",
            help: "What runs the engines. auto is kubernetes in a pod with a token or with"
                + " --kubernetes-api, otherwise none.",
            default: "auto",
            kind: .choice(["auto", "kubernetes", "local", "none"])
        ),
        Option(
            name: "scale-limits",
            placeholder: "LEAST..MOST",
            help: "How many engines operators may ask for; an admin may go beyond.",
            default: "1..16"
        ),
        Option(
            name: "kubernetes-api",
            placeholder: "URL",
            help: "Address of the Kubernetes API server, for a program outside of the cluster."
        ),
        Option(
            name: "kubernetes-ca",
            placeholder: "FILE",
            help: "PEM certificates of the authorities that sign the API server's; default: the"
                + " system's."
        ),
        Option(
            name: "kubernetes-token-file",
            placeholder: "FILE",
            help: "File with the bearer token for the API server; read again as it is replaced."
        ),
        Option(
            name: "kubernetes-namespace",
            placeholder: "NAME",
            help: "Namespace of the grid; default: that of the pod, otherwise valgrid."
        ),
    ]

    /// The limits of the option `scale-limits`.
    ///
    /// - Throws: ``ScalingError`` that says what would be right.
    public static func limits(_ settings: ParsedCommand) throws(ScalingError) -> ScaleLimits {
        let text = settings.string("scale-limits")
        guard let limits = ScaleLimits(text) else {
            throw ScalingError(
                .badRequest,
                "--scale-limits '\(text)' is not LEAST..MOST, as 1..16, with at most"
                    + " \(ScaleLimits.most)"
            )
        }
        return limits
    }

    /// The choice that a program's options make.
    ///
    /// - Parameters:
    ///   - settings: with ``options``.
    ///   - environment: the process's variables.
    /// - Throws: ``ScalingError`` that says what is missing.
    public init(
        _ settings: ParsedCommand,
        environment: [String: String]
    ) throws(ScalingError) {
        try self.init(
            kind: settings.string("cluster"),
            api: settings.optionalString("kubernetes-api"),
            ca: settings.optionalString("kubernetes-ca"),
            tokenFile: settings.optionalString("kubernetes-token-file"),
            namespace: settings.optionalString("kubernetes-namespace"),
            pod: KubernetesAddress.ofPod(environment: environment)
        )
    }

    init(
        kind: String,
        api: String?,
        ca: String?,
        tokenFile: String?,
        namespace: String?,
        pod: KubernetesAddress?
    ) throws(ScalingError) {
        let asked =
            ["--kubernetes-ca": ca, "--kubernetes-token-file": tokenFile]
            .filter { $0.value != nil }.keys.sorted()
        guard api != nil || asked.isEmpty else {
            throw ScalingError(.badRequest, "\(asked[0]) needs --kubernetes-api")
        }
        if let namespace, !Self.isName(namespace) {
            throw ScalingError(
                .badRequest,
                "--kubernetes-namespace '\(namespace)' is not the name of a namespace, as valgrid"
            )
        }
        switch kind {
        case "local": self = .local
        case "none": self = .none(Self.byHand)
        default:
            guard var address = try Self.address(api, ca, tokenFile) ?? pod else {
                guard kind == "auto" else {
                    throw ScalingError(
                        .badRequest,
                        "--cluster kubernetes: this is no pod with a mounted token; say where the"
                            + " API server is with --kubernetes-api"
                    )
                }
                self = .none(Self.byHand)
                return
            }
            if let namespace { address.namespace = namespace }
            self = .kubernetes(address)
        }
    }

    // MARK: Private

    private static let byHand =
        "engines are not started from here: start and stop them where they run, as with docker"
        + " compose up -d --no-recreate --scale valengine=4"

    private static func address(
        _ api: String?,
        _ ca: String?,
        _ tokenFile: String?
    ) throws(ScalingError) -> KubernetesAddress? {
        guard let api else { return nil }
        let isLocal = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"]
            .contains(where: api.hasPrefix)
        guard api.hasPrefix("https://") || isLocal else {
            throw ScalingError(
                .badRequest,
                "--kubernetes-api '\(api)' is not an address such as https://HOST:6443"
            )
        }
        guard let tokenFile else {
            throw ScalingError(.badRequest, "--kubernetes-api needs --kubernetes-token-file")
        }
        guard SmallFile.text(tokenFile) != nil else {
            throw ScalingError(
                .badRequest,
                "--kubernetes-token-file \(tokenFile): there is no token in it"
            )
        }
        var url = api
        while url.hasSuffix("/") { url.removeLast() }
        return KubernetesAddress(
            url: url,
            caFile: ca,
            tokenFile: tokenFile,
            namespace: "valgrid"
        )
    }

    /// Whether it is a name as Kubernetes gives namespaces.
    private static func isName(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count) && text.first != "-" && text.last != "-"
            && text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte)
                    || (0x61...0x7A).contains(byte)
            }
    }
}

extension KubernetesGrid {
    /// The engines of the cluster at an address, over HTTPS.
    ///
    /// - Parameters:
    ///   - address: of its API server.
    ///   - limits: what operators may ask for.
    ///   - logger: gets a line when the server goes away and comes back.
    public convenience init(
        _ address: KubernetesAddress,
        limits: ScaleLimits,
        logger: Logger
    ) {
        self.init(
            transport: HTTPTransport(address),
            namespace: address.namespace,
            limits: limits,
            token: { SmallFile.text(address.tokenFile) },
            logger: logger
        )
    }
}
