// Checks KEDA's objects against its published models: by type, so that a field that KEDA does not know
// is a failure, and by schema, so that a number is one.
//
// usage: node keda.mjs MODULES FILE ...             a JSON object a line; others than KEDA's are skipped
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...files] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const ts = require("typescript");
const models = join(modules, "node_modules/@kubernetes-models/keda");
let failures = 0;
let count = 0;

const fail = (object, text) => {
    failures++;
    console.log(`${object.kind}/${object.metadata?.name}: ${text}`);
};

/** What the compiler says of an object written as a value of its model's type. */
function problemsOfType(object) {
    const directory = mkdtempSync(join(tmpdir(), "keda-"));
    try {
        symlinkSync(join(modules, "node_modules"), join(directory, "node_modules"));
        const file = join(directory, "object.ts");
        const path = `@kubernetes-models/keda/${object.apiVersion}/${object.kind}`;
        writeFileSync(
            file,
            `import type { I${object.kind} } from ${JSON.stringify(path)};\n` +
                `export const object: I${object.kind} = ${JSON.stringify(object)};\n`
        );
        const program = ts.createProgram([file], {
            module: ts.ModuleKind.NodeNext,
            moduleResolution: ts.ModuleResolutionKind.NodeNext,
            noEmit: true,
            skipLibCheck: true,
            strict: true,
            types: [],
        });
        return ts.getPreEmitDiagnostics(program)
            .map((d) => ts.flattenDiagnosticMessageText(d.messageText, " "));
    } finally {
        rmSync(directory, { recursive: true });
    }
}

for (const file of files) {
    for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
        const object = JSON.parse(line);
        if (!/(^|\.)keda\.sh\//.test(object.apiVersion ?? "")) continue;
        count++;
        const model = join(models, object.apiVersion, `${object.kind}.js`);
        if (!existsSync(model)) {
            fail(object, `no such kind: ${object.apiVersion} ${object.kind}`);
            continue;
        }
        for (const problem of problemsOfType(object)) fail(object, problem);
        const { [object.kind]: Model } = await import(pathToFileURL(model));
        try {
            new Model(object).validate();
        } catch (error) {
            fail(object, error.message);
        }
    }
}
if (failures > 0) process.exit(1);
console.log(`${count} objects`);
