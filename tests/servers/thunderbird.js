/* What a person does with each mail in Thunderbird: opens it, and clicks what the invitation offers.
 * Run by Marionette in the program's own context; arguments: a list of lists of mails, as text, and
 * how many seconds one step may take. Its value is what the calendar holds after each list: UID, start
 * and end in UTC of every event. */
const [chapters, limit, done] = arguments;

(async () => {
  const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
  const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
  const { MailUtils } = ChromeUtils.importESModule("resource:///modules/MailUtils.sys.mjs");
  const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
  // to accept an invitation comes last: it stays on offer where the others are
  const offers = ["imipAddButton", "imipUpdateButton", "imipDeleteButton", "imipAcceptButton"];

  const asked = [];
  const until = async (what, test) => {
    for (const end = Date.now() + limit * 1000; Date.now() < end; ) {
      const value = test();
      if (value) {
        return value;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error(`waited in vain for ${what}`);
  };

  const [calendar] = cal.manager.getCalendars();
  calendar.setProperty("disabled", false);
  const changed = () =>
    new Promise(resolve =>
      calendar.addObserver({
        QueryInterface: ChromeUtils.generateQI(["calIObserver"]),
        onAddItem: resolve,
        onModifyItem: resolve,
        onDeleteItem: resolve,
        onStartBatch() {},
        onEndBatch() {},
        onLoad() {},
        onError() {},
        onPropertyChanged() {},
        onPropertyDeleting() {},
      })
    );

  // what comes back after it was taken out is asked about once more: yes
  Services.obs.addObserver(dialog => {
    asked.push(dialog.document.getElementById("infoBody").textContent);
    dialog.Dialog.ui.button0.click();
  }, "common-dialog-loaded");

  const root = MailServices.accounts.localFoldersServer.rootFolder;
  root.QueryInterface(Ci.nsIMsgLocalMailFolder).createLocalSubfolder("received");
  const folder = root.getChildNamed("received").QueryInterface(Ci.nsIMsgLocalMailFolder);

  const click = async text => {
    const header = folder.addMessage(text);
    MailUtils.openMessageInNewWindow(header);
    const shows = window => window.messageBrowser?.contentWindow?.gMessage === header;
    const window = await until("a window", () =>
      [...Services.wm.getEnumerator("mail:messageWindow")].find(shows)
    );
    const message = window.messageBrowser.contentWindow;
    const bar = message.calImipBar;
    await until(`the invitation in ${header.subject}`, () => bar.itipItem);
    const buttons = bar.getButtons().filter(button => !button.hidden).map(button => button.id);
    const offered = offers.find(id => buttons.includes(id));
    // a mail may offer nothing: to take out what was never there is no fault
    if (offered) {
      let change = false;
      changed().then(() => (change = true));
      const accepts = offered == "imipAcceptButton";
      message.document.getElementById(offered + (accepts ? "_AcceptDontSend" : "")).doCommand();
      await until(`${offered} in ${header.subject}`, () => change);
    }
    window.close();
  };

  const utc = time => time.getInTimezone(cal.timezoneService.UTC).icalString;
  const all = Ci.calICalendar.ITEM_FILTER_ALL_ITEMS;
  const held = [];
  for (const mails of chapters) {
    for (const mail of mails) {
      await click(mail);
    }
    const items = await calendar.getItemsAsArray(all, 0, null, null);
    held.push(items.map(item => [item.id, utc(item.startDate), utc(item.endDate)]));
  }
  return { held, asked };
})().then(
  done,
  error => done({ error: `${error}\n${error.stack}` })
);
