// Reads WebVTT files with webvtt-parser, and prints what is in each: errors, and cues with their voice and words.
// Usage: vtt.cjs (metadata|chapters|subtitles) FILE...
const { readFileSync } = require('node:fs');
const { WebVTTParser } = require('webvtt-parser');

const [kind, ...files] = process.argv.slice(2);
const parser = new WebVTTParser();

/** The words of a cue, and the first voice in it. */
function read(nodes, found = { voice: '', text: '' }) {
  for (const node of nodes) {
    if (node.type === 'text') found.text += node.value;
    if (node.name === 'v') found.voice ||= node.value.trim();
    read(node.children ?? [], found);
  }
  return found;
}

const all = files.map((file) => {
  const { cues, errors } = parser.parse(readFileSync(file, 'utf8'), kind);
  return {
    errors: errors.map(({ line, message }) => `${line}: ${message}`),
    cues: cues.map(({ startTime, endTime, tree }) => ({ start: startTime, end: endTime, ...read(tree.children) })),
  };
});
process.stdout.write(JSON.stringify(all));
