/// The checks of a request's head that libmicrohttpd 0.9.75 leaves out.
///
/// Of two lengths it takes the first, with chunks it ignores a length, blanks before a colon it
/// takes for part of the name, and a line that continues the one before it joins to that one's name,
/// not its value: `Content-Length: 3` and ` 6` are `Content-Length6: 3`. A proxy in front that reads
/// the head in another way sees other requests than we do.
enum HeadCheck {
    /// Checks a head; nil when it is sound.
    ///
    /// - Parameters:
    ///   - headers: names in lower case, each as often as it was sent.
    ///   - version: as `HTTP/1.1`.
    /// - Returns: why the head is refused.
    static func problem(
        _ headers: [(name: String, value: String)],
        version: String
    ) -> String? {
        guard headers.allSatisfy({ isToken($0.name) }) else {
            return "a header whose name is no token, or that goes on in the next line"
        }
        let framing = ["content-length", "transfer-encoding"]
        for (name, value) in headers {
            guard framing.contains(name) || !framing.contains(where: name.hasPrefix) else {
                return "a header \(name), or one that goes on in the next line"
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                return "a control character in the header \(name)"
            }
        }
        let lengths = headers.filter { $0.name == "content-length" }
        let codings = headers.filter { $0.name == "transfer-encoding" }
        guard lengths.count <= 1 else { return "more than one Content-Length" }
        guard codings.count <= 1 else { return "more than one Transfer-Encoding" }
        if let length = lengths.first {
            guard codings.isEmpty else { return "both Content-Length and Transfer-Encoding" }
            guard !length.value.isEmpty,
                length.value.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                Int(length.value) != nil
            else { return "a Content-Length that is no number of bytes" }
        }
        if let coding = codings.first {
            guard coding.value.lowercased() == "chunked" else {
                return "a Transfer-Encoding other than chunked"
            }
            guard version == "HTTP/1.1" else { return "a Transfer-Encoding in \(version)" }
        }
        switch headers.count(where: { $0.name == "host" }) {
        case 0: return version == "HTTP/1.1" ? "no Host" : nil
        case 1: return nil
        default: return "more than one Host"
        }
    }

    /// Whether a text may be a header's name, by RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
