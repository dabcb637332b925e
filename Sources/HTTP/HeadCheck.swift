/// The checks of a request's head that libmicrohttpd 0.9.75 leaves out.
///
/// Of two lengths it takes the first, and with chunks it ignores a length: a proxy in front that
/// takes the other one sees other requests than we do.
enum HeadCheck {
    /// Returns why the head is refused; nil when it is sound.
    ///
    /// `headers`: names in lower case, each as often as it was sent.
    static func problem(_ headers: [(name: String, value: String)]) -> String? {
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
        if let coding = codings.first, coding.value.lowercased() != "chunked" {
            return "a Transfer-Encoding other than chunked"
        }
        return headers.count { $0.name == "host" } > 1 ? "more than one Host" : nil
    }
}
