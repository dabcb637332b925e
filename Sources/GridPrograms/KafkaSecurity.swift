internal import Glibc
internal import Operations

/// How a program and Kafka's brokers authenticate each other, as the options say.
struct KafkaSecurity {
    static let options: [Option] = [
        Option(
            name: "kafka-security",
            placeholder: "HOW",
            help: "plaintext; tls, with a client certificate if the brokers request one; or"
                + " sasl-tls, user and password over TLS",
            default: Mode.plaintext.rawValue,
            kind: .choice(Mode.allCases.map(\.rawValue))
        ),
        Option(
            name: "kafka-ca",
            placeholder: "FILE",
            help: "PEM certificates of the authorities that sign the brokers' certificates;"
                + " default: the system's"
        ),
        Option(
            name: "kafka-certificate",
            placeholder: "FILE",
            help: "this program's PEM certificate, followed by intermediate certificates"
        ),
        Option(
            name: "kafka-key",
            placeholder: "FILE",
            help: "the certificate's private key, PEM"
        ),
        Option(
            name: "kafka-key-password",
            placeholder: "@FILE",
            help: "the password of an encrypted private key",
            isSecret: true,
            isHiddenFromArguments: true
        ),
        Option(
            name: "kafka-sasl-mechanism",
            placeholder: "NAME",
            help: "how the password is used: PLAIN sends it, SCRAM proves knowledge of it",
            kind: .choice(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
        ),
        Option(
            name: "kafka-user",
            placeholder: "NAME",
            help: "the user of sasl-tls"
        ),
        Option(
            name: "kafka-password",
            placeholder: "@FILE",
            help: "the user's password",
            isSecret: true,
            isHiddenFromArguments: true
        ),
    ]

    private enum Mode: String, CaseIterable {
        case plaintext
        case tls
        case saslTLS = "sasl-tls"
    }

    private static let forTLS = [
        "kafka-ca", "kafka-certificate", "kafka-key", "kafka-key-password",
    ]
    private static let forSASL = ["kafka-sasl-mechanism", "kafka-user", "kafka-password"]

    private let settings: ParsedCommand
    private let mode: Mode

    init(_ settings: ParsedCommand) {
        self.settings = settings
        mode = Mode(rawValue: settings.string("kafka-security")) ?? .plaintext
    }

    /// Returns librdkafka's properties, after a look at the options and the files they name.
    ///
    /// - Throws: ``ProgramError`` that says what is missing or does not fit.
    func properties() throws(ProgramError) -> [String: String] {
        try refuseIdleOptions()
        switch mode {
        case .plaintext:
            return [:]
        case .tls:
            return try tls().merging(["security.protocol": "ssl"]) { $1 }
        case .saslTLS:
            let sasl = [
                "security.protocol": "sasl_ssl",
                "sasl.mechanism": try needed("kafka-sasl-mechanism"),
                "sasl.username": try needed("kafka-user"),
                "sasl.password": try needed("kafka-password"),
            ]
            return try tls().merging(sasl) { $1 }
        }
    }

    // MARK: Private

    /// An option without effect would leave a program less secure than its user believes.
    private func refuseIdleOptions() throws(ProgramError) {
        let idle: [String] =
            switch mode {
            case .plaintext: Self.forTLS + Self.forSASL
            case .tls: Self.forSASL
            case .saslTLS: []
            }
        guard let name = idle.first(where: { value($0) != nil }) else { return }
        let isOfSASL = Self.forSASL.contains { $0 == name }
        let right = isOfSASL ? "sasl-tls" : "tls or sasl-tls"
        throw ProgramError(
            .usage,
            "--\(name) has no effect with --kafka-security \(mode.rawValue); use \(right)"
        )
    }

    private func tls() throws(ProgramError) -> [String: String] {
        var properties: [String: String] = [:]
        if let path = value("kafka-ca") {
            _ = try pem(path, "kafka-ca", holding: "CERTIFICATE", "certificates")
            properties["ssl.ca.location"] = path
        }
        switch (value("kafka-certificate"), value("kafka-key")) {
        case (let certificate?, let key?):
            _ = try pem(certificate, "kafka-certificate", holding: "CERTIFICATE", "a certificate")
            properties["ssl.certificate.location"] = certificate
            properties["ssl.key.location"] = key
            let text = try pem(key, "kafka-key", holding: "PRIVATE KEY", "a private key")
            properties["ssl.key.password"] = value("kafka-key-password")
            if text.contains("ENCRYPTED"), properties["ssl.key.password"] == nil {
                throw missing("kafka-key-password", "\(key) is encrypted")
            }
        case (.some, nil):
            throw missing("kafka-key", "--kafka-certificate requires it")
        case (nil, .some):
            throw missing("kafka-certificate", "--kafka-key requires it")
        case (nil, nil):
            guard value("kafka-key-password") == nil else {
                throw missing("kafka-key", "--kafka-key-password requires it")
            }
        }
        return properties
    }

    private func value(_ name: String) -> String? {
        settings.optionalString(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    private func needed(_ name: String) throws(ProgramError) -> String {
        guard let value = value(name) else {
            throw missing(name, "--kafka-security sasl-tls requires it")
        }
        return value
    }

    private func missing(_ name: String, _ why: String) -> ProgramError {
        let variable = "VALGRID_" + name.uppercased().split(separator: "-").joined(separator: "_")
        let isSecret = Self.options.contains { $0.name == name && $0.isHiddenFromArguments }
        let how = isSecret ? "\(variable)_FILE, \(variable) or --\(name) @FILE" : "--\(name)"
        return ProgramError(.usage, "\(how) is missing: \(why)")
    }

    /// Returns the text of a PEM file.
    ///
    /// - Throws: when it cannot be read or holds something else.
    private func pem(
        _ path: String,
        _ option: String,
        holding label: String,
        _ what: String
    ) throws(ProgramError) -> String {
        let text: String
        switch Self.text(of: path) {
        case .success(let found): text = found
        case .failure(let error):
            throw ProgramError(
                .usage,
                "--\(option): cannot read \(path): \(error.reason); expected a PEM file with \(what)"
            )
        }
        guard text.contains("-----BEGIN "), text.contains("\(label)-----") else {
            throw ProgramError(
                .usage,
                "--\(option): \(path) holds no \(label); expected a PEM file with \(what)"
            )
        }
        return text
    }

    private struct Unreadable: Error { var reason: String }

    private static func text(of path: String) -> Result<String, Unreadable> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            return .failure(Unreadable(reason: String(cString: strerror(errno))))
        }
        defer { close(descriptor) }
        // The certificates of all of a system's authorities are some 200 KB.
        var bytes = [UInt8](repeating: 0, count: 4 << 20)
        var count = 0
        while count < bytes.count {
            let room = bytes.count - count
            let more = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: count), room)
            }
            guard more >= 0 else {
                return .failure(Unreadable(reason: String(cString: strerror(errno))))
            }
            guard more > 0 else { break }
            count += more
        }
        return .success(String(decoding: bytes[..<count], as: UTF8.self))
    }
}
