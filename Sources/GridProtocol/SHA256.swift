internal import CCrypto

/// SHA-256 of bytes that come in pieces.
public final class SHA256 {
    private let context: OpaquePointer

    /// The length of a digest in bytes.
    public static let byteCount = 32

    /// Begins with no bytes.
    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        else { fatalError("libcrypto offers no SHA-256") }
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Adds bytes.
    public func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { add($0) }
    }

    /// Adds a part of an array.
    public func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { add($0) }
    }

    /// Adds the UTF-8 bytes of a text.
    public func update(_ text: String) {
        let added: Void? = text.utf8.withContiguousStorageIfAvailable {
            add(UnsafeRawBufferPointer($0))
        }
        if added == nil { update(Array(text.utf8)) }
    }

    /// Returns the 32 bytes of what was added so far; more can be added after it.
    public func digest() -> [UInt8] {
        guard let copy = EVP_MD_CTX_new(), EVP_MD_CTX_copy_ex(copy, context) == 1 else {
            fatalError("libcrypto cannot copy a digest")
        }
        defer { EVP_MD_CTX_free(copy) }
        return [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            count = EVP_DigestFinal_ex(copy, buffer.baseAddress, nil) == 1 ? Self.byteCount : 0
        }
    }

    /// Returns the 32 bytes of SHA-256 of `bytes`.
    public static func digest(of bytes: [UInt8]) -> [UInt8] {
        let hash = SHA256()
        hash.update(bytes)
        return hash.digest()
    }

    private func add(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }
}

extension Sequence<UInt8> {
    /// The bytes as lower-case hexadecimal digits.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(underestimatedCount * 2)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
