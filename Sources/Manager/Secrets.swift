internal import CCrypto
internal import Foundation
internal import Operations

/// Random bytes, hashes and comparisons of secrets, by libcrypto.
enum Secrets {
    /// Why libcrypto refused.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Bytes that nobody can foresee.
    static func random(_ count: Int) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else {
            throw Failure(description: "the system gives no random bytes")
        }
        return bytes
    }

    /// The name in a file, which is made by chance where it is not there.
    static func keptName(in file: String) throws(ManagerError) -> String {
        if let data = FileManager.default.contents(atPath: file) {
            let name = String(decoding: data, as: UTF8.self)
            guard name.count == 12, Base64URL.bytes(name) != nil else {
                throw ManagerError("\(file) holds no name of 12 characters")
            }
            return name
        }
        do {
            let name = Base64URL.text(try random(9))
            try writeAtomically(Array(name.utf8), to: file)
            return name
        } catch {
            throw ManagerError("a name cannot be kept in \(file): \(error)")
        }
    }

    /// SHA-256 of bytes.
    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
        return digest
    }

    /// SHA-256 of bytes that come in pieces.
    final class Hash {
        private let context = EVP_MD_CTX_new()

        init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

        deinit { EVP_MD_CTX_free(context) }

        func update(_ bytes: ArraySlice<UInt8>) {
            bytes.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        }

        /// The hash in hexadecimal digits; nothing is added after it.
        var text: String {
            var digest = [UInt8](repeating: 0, count: 32)
            EVP_DigestFinal_ex(context, &digest, nil)
            return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    /// HMAC-SHA-256 of a text.
    static func authentication(of text: String, by key: [UInt8]) -> [UInt8] {
        let bytes = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &digest, &count)
        return digest
    }

    /// The key that scrypt derives of a password: r = 8, p = 1.
    ///
    /// `cost`: the logarithm of N; 15 takes 32 MiB and about 80 ms.
    static func scrypt(
        _ password: String,
        salt: [UInt8],
        cost: Int
    ) throws(Failure) -> [UInt8] {
        let bytes = Array(password.utf8)
        var key = [UInt8](repeating: 0, count: 32)
        let done = bytes.withUnsafeBytes { bytes in
            EVP_PBE_scrypt(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                bytes.count,
                salt,
                salt.count,
                1 << UInt64(cost),
                8,
                1,
                64 << 20,
                &key,
                key.count
            )
        }
        guard done == 1 else { throw Failure(description: "a password cannot be hashed") }
        return key
    }

    /// Whether secrets are equal, in a time that tells nothing of where they differ.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}

/// Bytes as text.
enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

    /// The text of bytes, without padding.
    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var bits = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[bits >> count & 63])
            }
            bits &= (1 << count) - 1
        }
        if count > 0 { text.append(alphabet[bits << (6 - count) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text; nil when it is none.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for letter in text.utf8 {
            guard let value = alphabet.firstIndex(of: letter) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 255))
                bits &= (1 << count) - 1
            }
        }
        return bits == 0 ? bytes : nil
    }
}
