// Reads a calendar from standard input; prints [uid, start, end, summary] of each event as JSON.
const ical = require("ical.js");
const ICAL = ical.default ?? ical;
const text = require("fs").readFileSync(0, "utf8");
const calendar = new ICAL.Component(ICAL.parse(text));
const found = calendar.getAllSubcomponents("vevent").map((part) => {
  const event = new ICAL.Event(part);
  const times = [event.startDate, event.endDate].map((t) => t.toJSDate().toISOString());
  return [event.uid, ...times, event.summary];
});
process.stdout.write(JSON.stringify(found));
