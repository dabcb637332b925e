extension ReportPage {
    static let head: StaticString = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" \
        content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">

        """

    static let style: StaticString = """
        :root { --ink: #1b2430; --soft: #5b6675; --line: #d8dee6; --back: #f5f7f9; --card: #ffffff;
          --plus: #2463a8; --minus: #b4472e; --good: #1c7a43; --fair: #8a5a00; --bad: #a8281c; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e4e9ef; --soft: #9aa6b4; --line: #37414d; --back: #12171d; --card: #1b222b;
            --plus: #6aa5e8; --minus: #e58a70; --good: #5cc487; --fair: #e0b050; --bad: #f08a7e; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--back); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        main { max-width: 1200px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
        h1 { margin: 0; font-size: 1.7rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
        code { font-size: .92em; overflow-wrap: anywhere; }
        .over { margin: 0; color: var(--soft); }
        .state { border: 1px solid currentColor; border-radius: 1rem; padding: .1rem .7rem;
          font-weight: 600; }
        .good { color: var(--good); } .fair { color: var(--fair); } .bad { color: var(--bad); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
          gap: .7rem; margin: 1rem 0 0; }
        .tiles div, figure { background: var(--card); border: 1px solid var(--line);
          border-radius: .5rem; padding: .7rem .9rem; margin: 0; }
        .tiles dt { color: var(--soft); font-size: .85rem; }
        .tiles dd { margin: 0; font-size: 1.15rem; font-weight: 600;
          font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .warning { border-left: 4px solid var(--bad); padding: .5rem .9rem; background: var(--card); }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr));
          gap: .8rem; }
        figcaption { font-weight: 600; margin-bottom: .4rem; }
        .note { color: var(--soft); font-size: .85rem; margin: .3rem 0 0; }
        figcaption small { color: var(--soft); font-weight: 400; }
        svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--ink); }
        svg rect { fill: var(--plus); } svg rect.minus { fill: var(--minus); }
        svg line { stroke: var(--soft); }
        table { border-collapse: collapse; width: 100%; background: var(--card); }
        th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line);
          vertical-align: top; }
        td { overflow-wrap: anywhere; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .scroll { overflow-x: auto; }
        th button { all: unset; cursor: pointer; font-weight: 600; }
        th button:focus-visible { outline: 2px solid var(--plus); outline-offset: 2px; }
        .tools { display: flex; flex-wrap: wrap; gap: .7rem; align-items: end; margin: .5rem 0; }
        .tools label { display: flex; flex-direction: column; font-size: .85rem;
          color: var(--soft); }
        .tools input, .tools select, .tools button { font: inherit; color: var(--ink);
          background: var(--card); border: 1px solid var(--line); border-radius: .35rem;
          padding: .35rem .6rem; }
        .tools input { min-width: 16rem; }
        .facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; }
        .facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
        tr.error td:nth-child(2), tr.missing td:nth-child(2) { color: var(--bad); font-weight: 600; }
        @media print { .tools, details { display: none; } body { background: none; } }

        """

    static let table: StaticString = """
        <noscript><p class="warning">The table needs JavaScript; results.jsonl and npv.csv hold the \
        same numbers.</p></noscript>
        <div class="tools" role="search">
        <label>Search<input id="search" type="search" placeholder="id, book, counterparty, reason">\
        </label>
        <label>Status<select id="status"><option value="">all</option><option>ok</option>\
        <option>error</option><option>missing</option><option>expired</option></select></label>
        <button id="previous" type="button">Previous</button>
        <button id="next" type="button">Next</button>
        <span id="place" role="status" aria-live="polite"></span>
        </div>
        <div class="scroll"><table id="trades"><thead><tr></tr></thead><tbody></tbody></table></div>

        """

    static let script: StaticString = #"""
        "use strict";
        (() => {
          const rows = JSON.parse(document.getElementById("rows").textContent);
          const columns = ["Trade", "Status", "Type", "Book", "Counterparty", "Currency", "Value",
            "In base currency", "Reason"];
          const rank = { error: 0, missing: 1, ok: 2, expired: 3 };
          const pageSize = 100;
          const format = new Intl.NumberFormat("en-US",
            { minimumFractionDigits: 2, maximumFractionDigits: 2 });
          const find = (id) => document.getElementById(id);
          const table = find("trades");
          const [head, body] = [table.tHead.rows[0], table.tBodies[0]];
          let sorted = 1, ascending = true, page = 0, shown = [];
          const texts = rows.map((row) =>
            [row[0], row[2], row[3], row[4], row[5], row[8]].join("\u0000").toLowerCase());
          const compare = (a, b) => {
            const [x, y] = [rows[a][sorted], rows[b][sorted]];
            let order = 0;
            if (sorted === 1) order = rank[x] - rank[y];
            else if (sorted === 6 || sorted === 7) {
              if (x === null || y === null) return (x === null) - (y === null) || a - b;
              order = x - y;
            } else order = x < y ? -1 : x > y ? 1 : 0;
            return (ascending ? order : -order) || a - b;
          };
          const draw = () => {
            const pages = Math.max(1, Math.ceil(shown.length / pageSize));
            page = Math.min(Math.max(page, 0), pages - 1);
            body.replaceChildren(...shown.slice(page * pageSize, (page + 1) * pageSize).map((n) => {
              const line = document.createElement("tr");
              line.className = rows[n][1];
              rows[n].forEach((value, column) => {
                const cell = document.createElement("td");
                const isNumber = column === 6 || column === 7;
                if (isNumber) cell.className = "number";
                cell.textContent = value === null ? "" : isNumber ? format.format(value) : value;
                if (isNumber && value !== null) cell.title = String(value);
                line.append(cell);
              });
              return line;
            }));
            find("place").textContent = shown.length.toLocaleString("en-US") + " trades, page "
              + (page + 1) + " of " + pages;
            find("previous").disabled = page === 0;
            find("next").disabled = page === pages - 1;
            [...head.cells].forEach((cell, column) => cell.setAttribute("aria-sort",
              column !== sorted ? "none" : ascending ? "ascending" : "descending"));
          };
          const select = () => {
            const wanted = find("search").value.trim().toLowerCase();
            const status = find("status").value;
            shown = [];
            for (let n = 0; n < rows.length; n += 1) {
              if ((!status || rows[n][1] === status) && texts[n].includes(wanted)) shown.push(n);
            }
            shown.sort(compare);
            page = 0;
            draw();
          };
          columns.forEach((name, column) => {
            const cell = document.createElement("th");
            cell.scope = "col";
            if (column === 6 || column === 7) cell.className = "number";
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = name;
            button.addEventListener("click", () => {
              ascending = sorted === column ? !ascending : column !== 6 && column !== 7;
              sorted = column;
              select();
            });
            cell.append(button);
            head.append(cell);
          });
          find("search").addEventListener("input", select);
          find("status").addEventListener("change", select);
          find("previous").addEventListener("click", () => { page -= 1; draw(); });
          find("next").addEventListener("click", () => { page += 1; draw(); });
          select();
        })();

        """#
}
