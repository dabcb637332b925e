// Checks Dockerfiles with the validator of Docker's language server: instructions, flags, arguments.
//
// usage: node dockerfile.mjs MODULES FILE ...       MODULES has node_modules
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [modules, ...files] = process.argv.slice(2);
const { validate } = createRequire(`${modules}/`)("dockerfile-utils");
let failures = 0;
for (const file of files) {
    for (const problem of validate(readFileSync(file, "utf8"), {})) {
        failures++;
        console.log(`${file}:${problem.range.start.line + 1}: ${problem.message}`);
    }
}
process.exit(failures > 0 ? 1 : 0);
