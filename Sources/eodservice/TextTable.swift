/// Tables for terminals.
enum TextTable {
    /// Returns a line for each row, its cells padded to their column's width.
    ///
    /// `rows`: the first is that of headings; all have as many cells.
    static func lines(_ rows: [[String]]) -> [String] {
        guard let headings = rows.first else { return [] }
        let widths = headings.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let isLast = column == row.count - 1
                return cell.0 + (isLast ? "" : String(repeating: " ", count: cell.1 - cell.0.count))
            }
            .joined(separator: "  ")
        }
    }
}
