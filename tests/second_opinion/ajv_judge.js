// What ajv says of the lines of files:   node ajv_judge.js MODULES SCHEMAS... -- SCHEMA LINES OUT [SCHEMA LINES OUT]...
// SCHEMAS are files that others may refer to; OUT gets a 1 or a 0 for each line of LINES.
'use strict';
const fs = require('fs');
const path = require('path');
const modules = process.argv[2];
const load = (name) => require(path.join(modules, name));
const read = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));
const rest = process.argv.slice(3);
const split = rest.indexOf('--');
const known = rest.slice(0, split).map(read);
const work = rest.slice(split + 1);

const isOld = (schema) => (schema.$schema || '').includes('draft-07');

function ajvFor(old) {
  const Ajv = load(old ? 'ajv/dist/ajv.js' : 'ajv/dist/2020.js').default;
  const ajv = new Ajv({ strict: false, validateFormats: true });
  load('ajv-formats/dist/index.js').default(ajv, { mode: 'full', formats: ['date-time'] });
  for (const schema of known)
    if (isOld(schema) === old && !ajv.getSchema(schema.$id)) ajv.addSchema(schema);
  return ajv;
}

const ajvs = { true: ajvFor(true), false: ajvFor(false) };

for (let i = 0; i < work.length; i += 3) {
  const schema = read(work[i]);
  const ajv = ajvs[isOld(schema)];
  const validate = ajv.getSchema(schema.$id) || ajv.compile(schema);
  const lines = fs.readFileSync(work[i + 1], 'utf8').split('\n').filter((line) => line !== '');
  fs.writeFileSync(work[i + 2], lines.map((line) => (validate(JSON.parse(line)) ? '1' : '0')).join(''));
}
