import Foundation
import Operations
import Testing

@testable import GridPrograms

@Suite struct KafkaSecurityTests {
    private static let command = Command(
        name: "tool",
        summary: "Does things.",
        options: CommonOptions.kafka
    )

    /// PEM files, and some that are none.
    private struct Files {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("valgrid-\(UUID().uuidString)")

        init() throws {
            try FileManager.default.createDirectory(
                at: directory,
                withIntermediateDirectories: true
            )
            try write(
                "certificate",
                "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
            )
            try write("key", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n")
            try write("ec", "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n")
            try write(
                "locked",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n"
            )
            try write("text", "hello\n")
            try write("password", "hunter2\n")
        }

        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: directory.appendingPathComponent(name))
        }

        func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

        func remove() { try? FileManager.default.removeItem(at: directory) }
    }

    private func settings(
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) throws -> ParsedCommand {
        let outcome = Self.command.parse(arguments: arguments, environment: environment)
        guard case .parsed(let settings) = outcome else { throw Unexpected(outcome: "\(outcome)") }
        return settings
    }

    private struct Unexpected: Error { var outcome: String }

    /// Why the options are refused.
    private func refusal(
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) throws -> String? {
        let security = KafkaSecurity(try settings(arguments, environment))
        do throws(ProgramError) {
            _ = try security.properties()
            return nil
        } catch {
            #expect(error.code == .usage)
            #expect(!error.reason.contains("\n"))
            #expect(!error.reason.contains("hunter2"))
            return error.reason
        }
    }

    @Test func nothingIsAskedForWithoutSecurity() throws {
        #expect(try KafkaSecurity(settings([])).properties() == [:])
    }

    @Test func mutualTLSNamesItsFiles() throws {
        let files = try Files()
        defer { files.remove() }
        let certificate = files.path("certificate")
        for key in ["key", "ec"] {
            let properties = try KafkaSecurity(
                settings([
                    "--kafka-security", "tls", "--kafka-ca", certificate, "--kafka-certificate",
                    certificate, "--kafka-key", files.path(key),
                ])
            ).properties()
            #expect(
                properties == [
                    "security.protocol": "ssl", "ssl.ca.location": certificate,
                    "ssl.certificate.location": certificate, "ssl.key.location": files.path(key),
                ]
            )
        }
        #expect(
            try KafkaSecurity(settings(["--kafka-security", "tls"])).properties()
                == ["security.protocol": "ssl"]
        )
    }

    @Test func aPasswordComesFromTheEnvironmentOrAFile() throws {
        let files = try Files()
        defer { files.remove() }
        let arguments = [
            "--kafka-security", "sasl-tls", "--kafka-user", "u", "--kafka-sasl-mechanism", "PLAIN",
        ]
        let ways: [([String], [String: String])] = [
            ([], ["VALGRID_KAFKA_PASSWORD": "hunter2"]),
            ([], ["VALGRID_KAFKA_PASSWORD_FILE": files.path("password")]),
            (["--kafka-password", "@" + files.path("password")], [:]),
        ]
        for (more, environment) in ways {
            let settings = try settings(arguments + more, environment)
            #expect(
                try KafkaSecurity(settings).properties() == [
                    "security.protocol": "sasl_ssl", "sasl.mechanism": "PLAIN",
                    "sasl.username": "u", "sasl.password": "hunter2",
                ]
            )
            #expect(!settings.settingsText.contains("hunter2"))
            #expect(settings.settingsText.contains("********"))
        }
        #expect(throws: Unexpected.self) {
            try settings(arguments + ["--kafka-password", "hunter2"])
        }
    }

    @Test func anEncryptedKeyNeedsItsPassword() throws {
        let files = try Files()
        defer { files.remove() }
        let arguments = [
            "--kafka-security", "tls", "--kafka-certificate", files.path("certificate"),
            "--kafka-key", files.path("locked"),
        ]
        let refusal = try refusal(arguments)
        #expect(
            refusal == "VALGRID_KAFKA_KEY_PASSWORD_FILE, VALGRID_KAFKA_KEY_PASSWORD or"
                + " --kafka-key-password @FILE is missing: \(files.path("locked")) is encrypted"
        )
        let settings = try settings(arguments, ["VALGRID_KAFKA_KEY_PASSWORD": "hunter2"])
        #expect(try KafkaSecurity(settings).properties()["ssl.key.password"] == "hunter2")
    }

    @Test func whatDoesNotFitIsSaidBeforeAnythingStarts() throws {
        let files = try Files()
        defer { files.remove() }
        let certificate = files.path("certificate")
        let key = files.path("key")
        let none = files.path("none")
        let tls = ["--kafka-security", "tls"]
        let sasl = ["--kafka-security", "sasl-tls", "--kafka-sasl-mechanism", "PLAIN"]
        let cases: [([String], String)] = [
            (
                ["--kafka-ca", certificate],
                "--kafka-ca has no effect with --kafka-security plaintext; use tls or sasl-tls"
            ),
            (
                ["--kafka-user", "u"],
                "--kafka-user has no effect with --kafka-security plaintext; use sasl-tls"
            ),
            (
                tls + ["--kafka-user", "u"],
                "--kafka-user has no effect with --kafka-security tls; use sasl-tls"
            ),
            (
                tls + ["--kafka-ca", none],
                "--kafka-ca: cannot read \(none): No such file or directory;"
                    + " expected a PEM file with certificates"
            ),
            (
                tls + ["--kafka-ca", files.directory.path],
                "--kafka-ca: cannot read \(files.directory.path): Is a directory;"
                    + " expected a PEM file with certificates"
            ),
            (
                tls + ["--kafka-ca", key],
                "--kafka-ca: \(key) holds no CERTIFICATE; expected a PEM file with certificates"
            ),
            (
                tls + ["--kafka-certificate", certificate],
                "--kafka-key is missing: --kafka-certificate requires it"
            ),
            (
                tls + ["--kafka-key", key],
                "--kafka-certificate is missing: --kafka-key requires it"
            ),
            (
                tls + ["--kafka-certificate", certificate, "--kafka-key", files.path("text")],
                "--kafka-key: \(files.path("text")) holds no PRIVATE KEY;"
                    + " expected a PEM file with a private key"
            ),
            (sasl, "--kafka-user is missing: --kafka-security sasl-tls requires it"),
            (
                sasl + ["--kafka-user", "u"],
                "VALGRID_KAFKA_PASSWORD_FILE, VALGRID_KAFKA_PASSWORD or --kafka-password @FILE is"
                    + " missing: --kafka-security sasl-tls requires it"
            ),
        ]
        for (arguments, expected) in cases {
            #expect(try refusal(arguments) == expected)
        }
        #expect(
            try refusal([], ["VALGRID_KAFKA_PASSWORD": "hunter2"])?.hasPrefix(
                "--kafka-password has no effect"
            )
                == true
        )
    }

    // MARK: Further properties

    private func further(
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) throws -> [String: String] {
        try KafkaProperties(settings(arguments, environment)).values
    }

    private func furtherRefusal(_ arguments: [String]) throws -> String? {
        let settings = try settings(arguments)
        do throws(ProgramError) {
            _ = try KafkaProperties(settings)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func furtherPropertiesStandBetweenCommasOrLineEnds() throws {
        let files = try Files()
        defer { files.remove() }
        try files.write("config", "a.b=c\nsasl.password=hun\\,ter=2\n")
        #expect(try further(["--kafka-config", "a=1, b=x\\,y\\z"]) == ["a": "1", "b": "x,y\\z"])
        #expect(
            try further(["--kafka-config", "@" + files.path("config")])
                == ["a.b": "c", "sasl.password": "hun,ter=2"]
        )
        #expect(
            try further([], ["VALGRID_KAFKA_CONFIG": "sasl.password=hunter2"])
                == ["sasl.password": "hunter2"]
        )
    }

    @Test(arguments: ["sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password"])
    func aSecretAmongFurtherPropertiesIsNoArgument(name: String) throws {
        let refusal = try #require(
            try furtherRefusal(["--kafka-config", "a=1,\(name)=hunter2"])
        )
        #expect(refusal.contains("\(name) on the command line can be seen by every user"))
        #expect(!refusal.contains("hunter2"))
    }

    @Test func anEntryWithoutNameIsCalledByItsPosition() throws {
        #expect(
            try furtherRefusal(["--kafka-config", "a=1,hunter2"])
                == "--kafka-config: entry 2 is not NAME=VALUE"
        )
    }
}
