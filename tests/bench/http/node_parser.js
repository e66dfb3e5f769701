// Reads responses as Node.js does, for a test that compares rz's scanner with it. Of each line of the
// file named, `h` (to HEAD) or `g` and bytes in hexadecimal, it prints what Node.js makes of the bytes
// when they come one by one and the connection then closes: `complete STATUS OFFSET`, where OFFSET is
// how many bytes the first response that is not interim has taken, or -1 if the end of the connection
// completed it; `open`, if the response is not complete; `error`, if Node.js refuses it.
'use strict';
const fs = require('fs');
const { HTTPParser } = require('_http_common');

function read(toHead, bytes) {
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.RESPONSE, {});
  let status = 0;
  let complete = false;
  parser[HTTPParser.kOnHeaders | 0] = () => {};
  parser[HTTPParser.kOnHeadersComplete | 0] = (major, minor, headers, method, url, code) => {
    status = code;
    return toHead ? 1 : 0;
  };
  parser[HTTPParser.kOnBody | 0] = () => {};
  parser[HTTPParser.kOnMessageComplete | 0] = () => { complete = status >= 200; };
  for (let i = 0; i < bytes.length; ++i) {
    const used = parser.execute(bytes.subarray(i, i + 1));
    if (used instanceof Error) return 'error';
    if (complete) return `complete ${status} ${i + 1}`;
  }
  if (parser.finish() instanceof Error) return 'error';
  return complete ? `complete ${status} -1` : 'open';
}

const lines = fs.readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean);
const answers = lines.map((line) => read(line[0] === 'h', Buffer.from(line.slice(1), 'hex')));
fs.writeFileSync(process.argv[3], answers.join('\n') + '\n');
