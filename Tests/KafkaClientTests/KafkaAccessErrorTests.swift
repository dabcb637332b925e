import Testing

@testable import KafkaClient

/// The words are librdkafka 2.0.2's, as Apache Kafka 4.3.0 and 3.9.1 made it say them.
@Suite struct KafkaAccessErrorTests {
    private static let old = 0x0200_02ff
    private static let new = 0x0206_01ff

    private func explained(
        _ words: String,
        _ code: KafkaError.Code,
        certificateError: Int = 0,
        library: Int = old
    ) -> KafkaAccessError? {
        KafkaAccessError(
            words: words,
            code: code,
            subject: "topic t",
            certificateError: certificateError,
            library: library
        )
    }

    @Test(arguments: [
        (20, "is not signed by an authority"), (64, "is not made out to the host name or address"),
        (62, "is not made out to the host name"), (10, "has expired"), (99, "OpenSSL's error 99"),
        (0, "not signed by an authority that this client trusts, or not made out to the host"),
    ])
    func aCertificateIsRefusedForAReason(error: Int, meaning: String) throws {
        let words =
            "ssl://127.1:29119/bootstrap: error:0A000086:SSL routines::certificate verify failed"
            + " (after 5ms in state SSL_HANDSHAKE)"
        // Sometimes it comes as an error of TLS, sometimes as one of the network.
        for code in [KafkaError.Code.authentication, .brokersUnavailable] {
            let refusal = try #require(explained(words, code, certificateError: error))
            #expect(refusal.code == .authentication)
            #expect(refusal.reason.hasPrefix("the certificate of broker 127.1:29119 "))
            #expect(refusal.reason.contains(meaning))
            #expect(refusal.reason.hasSuffix("(\(words))"))
        }
    }

    @Test(arguments: [
        ("ssl/tls alert bad certificate: SSL alert number 42", "asks for a client certificate"),
        (
            "tlsv13 alert certificate required: SSL alert number 116",
            "asks for a client certificate"
        ),
        ("alert certificate unknown: SSL alert number 46", "does not accept this client's"),
        ("alert unknown ca: SSL alert number 48", "does not accept this client's"),
    ])
    func aBrokerRefusesACertificate(words: String, meaning: String) throws {
        let refusal = try #require(
            explained(
                "ssl://h:1/bootstrap: Receive failed: error:0A000412: \(words)",
                .brokersUnavailable
            )
        )
        #expect(refusal.code == .authentication)
        #expect(refusal.reason.hasPrefix("broker h:1 \(meaning)"))
    }

    @Test func whatIsNoRefusalStaysWhatItIs() {
        let words = [
            "ssl://h:1/1: Connect to ipv4#127.0.0.1:1 failed: Connection refused",
            "ssl://h:1/1: error:0A000126:SSL routines::unexpected eof while reading",
            "ssl://h:1/1: tlsv1 alert internal error: SSL alert number 80",
        ]
        for words in words { #expect(explained(words, .brokersUnavailable) == nil) }
    }

    @Test func onlyScramWithAnOldLibraryGetsAdvice() throws {
        let broker = "sasl_ssl://127.0.0.1:9/bootstrap: SASL authentication error: "
        let scram =
            broker + "Authentication failed during authentication due to invalid credentials with"
            + " SASL mechanism SCRAM-SHA-512"
        let plain = broker + "Authentication failed: Invalid username or password"
        let advised = try #require(explained(scram, .authentication)).reason
        #expect(advised.hasPrefix("broker 127.0.0.1:9 does not accept user and password; if they"))
        #expect(advised.contains("librdkafka 2.0.2 cannot do SCRAM"))
        #expect(advised.contains("mutual TLS or PLAIN over TLS"))
        #expect(advised.contains("librdkafka.so.1 of 2.6.1 or later"))
        for other in [
            explained(plain, .authentication), explained(scram, .authentication, library: Self.new),
        ] {
            let reason = try #require(other).reason
            #expect(reason.hasPrefix("broker 127.0.0.1:9 does not accept user and password ("))
            #expect(!reason.contains("2.6.1"))
        }
    }

    @Test func aMechanismThatIsNotOfferedIsNoWrongPassword() throws {
        let words =
            "sasl_ssl://h:1/1: SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported"
            + " SASL mechanism: broker's supported mechanisms: PLAIN,SCRAM-SHA-512"
        let reason = try #require(explained(words, .authentication)).reason
        #expect(reason.hasPrefix("broker h:1 does not offer this SASL mechanism ("))
    }

    @Test func whatAccessIsRefusedToIsNamed() throws {
        let refusal = try #require(explained("Fetch from broker 1 failed", .authorization))
        #expect(refusal.code == .authorization)
        #expect(refusal.reason == "not authorized for topic t (Fetch from broker 1 failed)")
    }

    @Test func theLogTellsWhyACertificateIsRefused() {
        let message =
            "[thrd:ssl://h:1/bootstrap]: Certificate (subject=/CN=broker, issuer=/CN=ca)"
            + " verification callback failed: x509 error 62"
        func number(_ facility: String, _ message: String) -> Int? {
            KafkaAccessError.certificateError(
                in: KafkaLogLine(level: 3, facility: facility, message: message)
            )
        }
        #expect(number("SSLCERTVRFY", message) == 62)
        #expect(number("FAIL", message) == nil)
        #expect(number("SSLCERTVRFY", "Failed to get current certificate to verify") == nil)
    }
}
