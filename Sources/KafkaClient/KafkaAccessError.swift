import CRDKafka

/// Authentication or authorisation failed between client and broker: what librdkafka's words for it
/// mean, in one line for people.
struct KafkaAccessError: Hashable, Sendable {
    /// `authentication` or `authorization`.
    var code: KafkaError.Code
    /// What is refused and what would be right; librdkafka's own words at its end.
    var reason: String

    /// Tells whether it is a refusal, and which.
    ///
    /// - Parameters:
    ///   - words: what librdkafka says.
    ///   - code: the kind of its error code; TLS failures often come as network errors.
    ///   - subject: what access was refused to, as `topic valgrid.jobs`.
    ///   - certificateError: OpenSSL's number of what is wrong with the broker's certificate.
    ///   - library: librdkafka's version as it counts: 0x020002ff is 2.0.2.
    init?(
        words: String,
        code: KafkaError.Code,
        subject: String?,
        certificateError: Int,
        library: Int
    ) {
        let broker = KafkaAccessError.broker(in: words)
        let alert = KafkaAccessError.alert(in: words)
        if words.contains("certificate verify failed") {
            let fault = KafkaAccessError.fault(certificateError)
            self.init(.authentication, "the certificate of \(broker) \(fault)", words)
        } else if alert == 42 || alert == 116 {
            self.init(
                .authentication,
                "\(broker) asks for a client certificate and got none",
                words
            )
        } else if let alert, [43, 44, 45, 46, 48, 49].contains(alert) {
            self.init(.authentication, "\(broker) does not accept this client's certificate", words)
        } else if words.contains("Unsupported SASL mechanism") {
            self.init(.authentication, "\(broker) does not offer this SASL mechanism", words)
        } else if code == .authentication {
            let advice = KafkaAccessError.scramAdvice(words, library)
            self.init(
                .authentication,
                "\(broker) does not accept user and password\(advice)",
                words
            )
        } else if code == .authorization {
            self.init(.authorization, "not authorized for \(subject ?? "this")", words)
        } else {
            return nil
        }
    }

    /// What is wrong with a client's certificate or key file; `nil` for other errors.
    static func ofConfiguration(_ words: String) -> String? {
        if words.contains("key values mismatch") {
            return "the private key does not belong to the certificate (\(words))"
        }
        if words.contains("bad decrypt") || words.contains("bad password") {
            return "the private key cannot be read with its password (\(words))"
        }
        return nil
    }

    /// OpenSSL's number of a logged error, see `crdkafka_tell_certificate_errors`.
    static func certificateError(in line: KafkaLogLine) -> Int? {
        guard line.facility == "SSLCERTVRFY",
            let start = line.message.firstRange(of: "x509 error ")?.upperBound
        else { return nil }
        return Int(line.message[start...].prefix { $0.isNumber })
    }

    /// What an error of authorization is about.
    static func subject(
        of error: rd_kafka_resp_err_t,
        topic: String?,
        role: ClientRole
    ) -> String? {
        switch (error, role) {
        case (RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, _): topic.map { "topic \($0)" }
        case (RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, .consumer(let group)):
            "group \(group)"
        case (RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, .transactions(let id, _)):
            "transactional id \(id)"
        case (RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, .producer):
            "writing to any topic"
        default: nil
        }
    }

    // MARK: - Private

    private init(_ code: KafkaError.Code, _ meaning: String, _ words: String) {
        self.code = code
        reason = "\(meaning) (\(words))"
    }

    /// The broker that the words begin with: `ssl://127.0.0.1:9093/bootstrap: ...`.
    private static func broker(in words: String) -> String {
        guard let start = words.firstRange(of: "://")?.upperBound else { return "the broker" }
        let address = words[start...].prefix { $0 != "/" && $0 != " " }
        return address.isEmpty ? "the broker" : "broker \(address)"
    }

    /// The TLS alert that the broker answered with (RFC 8446, 6.2): from 42 on about certificates.
    private static func alert(in words: String) -> Int? {
        guard let start = words.firstRange(of: "SSL alert number ")?.upperBound else { return nil }
        return Int(words[start...].prefix { $0.isNumber })
    }

    /// What OpenSSL's number of a certificate's error means (x509_vfy.h).
    private static func fault(_ number: Int) -> String {
        switch number {
        case 2, 18, 19, 20, 21: "is not signed by an authority that this client trusts"
        case 9: "is not valid yet"
        case 10: "has expired"
        case 23: "is revoked"
        case 62, 64: "is not made out to the host name or address it was reached by"
        case 0:
            "is not signed by an authority that this client trusts, or not made out to the host"
                + " name it was reached by"
        default: "is not accepted, OpenSSL's error \(number)"
        }
    }

    /// librdkafka before 2.6.1 sends its nonce twice, which Apache Kafka 4 treats as a wrong
    /// password (librdkafka #4895).
    private static func scramAdvice(_ words: String, _ library: Int) -> String {
        guard words.contains("SCRAM"), library < 0x0206_01ff else { return "" }
        let version = "\(library >> 24).\(library >> 16 & 0xff).\(library >> 8 & 0xff)"
        return "; if they are right and it is an Apache Kafka 4: librdkafka \(version) cannot do"
            + " SCRAM there, use mutual TLS or PLAIN over TLS, or put a librdkafka.so.1 of 2.6.1 or"
            + " later in place"
    }
}
