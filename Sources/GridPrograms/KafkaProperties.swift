internal import Operations

/// The librdkafka properties of `--kafka-config`: NAME=VALUE between commas or line ends, a
/// backslash before a comma that belongs to a value.
struct KafkaProperties {
    /// Values by name.
    private(set) var values: [String: String] = [:]

    /// What only the program may see.
    private static let secrets: Set<String> = [
        "sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password",
        "sasl.oauthbearer.config", "sasl.oauthbearer.client.secret",
    ]

    /// Reads the option.
    ///
    /// - Throws: ``ProgramError`` naming an entry by its position, since values may be secrets.
    init(_ settings: ParsedCommand) throws(ProgramError) {
        let entries = KafkaProperties.entries(settings.string("kafka-config"))
        for (position, entry) in entries.enumerated() {
            guard let equals = entry.firstIndex(of: "="), equals > entry.startIndex else {
                throw ProgramError(
                    .usage,
                    "--kafka-config: entry \(position + 1) is not NAME=VALUE"
                )
            }
            let name = String(entry[..<equals])
            guard !KafkaProperties.secrets.contains(name) || !settings.isArgument("kafka-config")
            else {
                throw ProgramError(
                    .usage,
                    "--kafka-config: \(name) on the command line can be seen by every user of the"
                        + " machine; give @FILE, or VALGRID_KAFKA_CONFIG_FILE"
                )
            }
            values[name] = String(entry[entry.index(after: equals)...])
        }
    }

    private static func entries(_ text: String) -> [String] {
        var entries = [""]
        var isEscaped = false
        for character in text {
            if isEscaped {
                if character != "," { entries[entries.count - 1].append("\\") }
                entries[entries.count - 1].append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," || character.isNewline {
                entries.append("")
            } else {
                entries[entries.count - 1].append(character)
            }
        }
        return entries.map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
    }
}
