internal import Foundation
public import HTTP
public import Operations

extension CommonOptions {
    /// The token that a program's HTTP asks for.
    public static let httpToken = Option(
        name: "http-token-file",
        placeholder: "FILE",
        help: "file with the token that HTTP requests must carry (Authorization: Bearer TOKEN), "
            + "except /livez, /readyz and /metrics; default: none is asked for"
    )

    /// The token for the aggregator's HTTP.
    public static let aggregatorToken = Option(
        name: "aggregator-token-file",
        placeholder: "FILE",
        help: "file with the token that the aggregator asks for; default: none"
    )
}

extension Program {
    /// Reads the token of the file that an option names; nil when it names none.
    ///
    /// - Throws: ``ProgramError`` when the file cannot be read or holds no token.
    public func bearerToken(_ option: Option) throws(ProgramError) -> BearerToken? {
        guard let path = settings.optionalString(option.name) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ProgramError(.usage, "--\(option.name): \(path) cannot be read")
        }
        guard let token = BearerToken(String(decoding: data, as: UTF8.self)) else {
            throw ProgramError(
                .usage,
                "--\(option.name): \(path) holds no token: \(BearerToken.expectation)"
            )
        }
        return token
    }
}
