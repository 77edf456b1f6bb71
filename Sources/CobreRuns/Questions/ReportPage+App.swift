/// What the page of a report does inside a host that shows it next to a conversation.
///
/// The host lends the server's resources, and says what the tool has answered (SEP-1865, version 2026-01-26).
extension ReportPage {
  static let appScript = #"""
    const waiting = new Map();
    let nextId = 1;
    function send(message) { window.parent.postMessage({jsonrpc: "2.0", ...message}, "*"); }
    function request(method, params) {
      const id = nextId++;
      send({id, method, params});
      return new Promise((resolve, reject) => waiting.set(id, {resolve, reject}));
    }
    function say(text) { page.replaceChildren(); make("p", page, text); }
    async function take(result) {
      const address = result.structuredContent?.resource;
      if (!address) {
        say("There is no report. " + (result.content ?? []).map(block => block.text ?? "").join(" "));
        return;
      }
      try {
        const read = await request("resources/read", {uri: address + "/data"});
        show(JSON.parse(read.contents[0].text));
      } catch (error) {
        say("The report cannot be shown here: " + error.message);
      }
    }
    window.addEventListener("message", event => {
      const message = event.data;
      if (event.source !== window.parent || message?.jsonrpc !== "2.0") return;
      if (message.method === undefined) {
        const call = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error) call?.reject(new Error(message.error.message)); else call?.resolve(message.result);
      } else if (message.method === "ui/notifications/tool-result") {
        take(message.params ?? {});
      } else if (message.method === "ui/notifications/tool-cancelled") {
        say("The report was cancelled.");
      } else if (message.id !== undefined) {
        send({id: message.id, result: {}});
      }
    });
    say("The report is being made.");
    request("ui/initialize", {
      appInfo: {name: "cobre-report", version: "1.0.0"}, protocolVersion: "2026-01-26",
      appCapabilities: {availableDisplayModes: ["inline", "fullscreen"]}
    }).then(() => {
      send({method: "ui/notifications/initialized", params: {}});
      new ResizeObserver(() => send({
        method: "ui/notifications/size-changed",
        params: {width: document.body.scrollWidth, height: document.body.scrollHeight}
      })).observe(document.body);
    }, error => say("The host does not show this report: " + error.message));

    """#
}
