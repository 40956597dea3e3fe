// A line to the server: as much of Socket.IO (protocol 5, over a WebSocket) as these pages speak. The whole client is ten times as
// large (docs/decisions/0019-a-small-socket-client.md); what it does on a WebSocket, this does in the same way.

const SOONEST = 1000;
const LATEST = 60_000;
const PATIENCE = 20_000; // until the server has said who it is

export class Line {
  constructor() {
    this.listeners = new Map();
    this.acks = new Map();
    this.failures = 0;
    this.asked = 0;
    this.connected = false;
    addEventListener("offline", () => this.over("network connection lost"));
    addEventListener("online", () => this.timer && this.connect());
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", (event) => event.persisted && this.connect());
    setTimeout(() => this.connect());
  }

  on(name, listener) {
    this.listeners.set(name, listener);
  }

  tell(name, ...data) {
    this.listeners.get(name)?.(...data);
  }

  /** Now; when that fails, again and again, more and more rarely. */
  connect() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.socket) return;
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    this.socket = socket;
    this.silence = PATIENCE;
    this.expect();
    socket.onmessage = ({ data }) => socket === this.socket && this.take(data);
    socket.onclose = () => socket === this.socket && this.over("transport close");
  }

  /** Something must be heard within a time, or the line is dead. */
  expect() {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.over("ping timeout"), this.silence);
  }

  take(packet) {
    if (typeof packet !== "string") return;
    this.expect();
    if (packet === "2") this.socket.send("3");
    else if (packet[0] === "0") this.greet(JSON.parse(packet.slice(1)));
    else if (packet === "1") this.over("transport close");
    else if (packet[0] === "4") this.message(packet[1], packet.slice(2));
  }

  greet({ pingInterval, pingTimeout }) {
    this.silence = pingInterval + pingTimeout;
    this.expect();
    this.socket.send("40");
  }

  message(kind, body) {
    if (kind === "0") {
      this.connected = true;
      this.failures = 0;
      this.tell("connect");
    } else if (kind === "1") {
      this.end("io server disconnect");
    } else if (kind === "2") {
      this.tell(...JSON.parse(body));
    } else if (kind === "3") {
      const [, id, answer] = /^(\d+)(.*)$/s.exec(body);
      this.acks.get(id)?.(...JSON.parse(answer));
      this.acks.delete(id);
    } else if (kind === "4") {
      this.end("");
      this.tell("connect_error", false);
    }
  }

  /** Say something; `answered` hears what the server answers. */
  emit(name, data, answered) {
    if (!this.connected) return;
    const id = answered ? String(this.asked++) : "";
    if (answered) this.acks.set(id, answered);
    this.socket.send(`42${id}${JSON.stringify([name, data])}`);
  }

  /** The line is gone, and nobody wanted that. */
  over(reason) {
    if (!this.socket) return;
    const was = this.connected;
    this.end(reason);
    const wait = Math.min(SOONEST * 2 ** this.failures, LATEST) * (0.5 + Math.random());
    this.failures += 1;
    this.timer = setTimeout(() => this.connect(), wait);
    if (!was) this.tell("connect_error", true);
  }

  end(reason) {
    const { socket, connected } = this;
    clearTimeout(this.watch);
    this.socket = null;
    this.connected = false;
    this.acks.clear();
    socket?.close();
    if (connected) this.tell("disconnect", reason);
  }

  /** The page goes: the server is told at once, and a page that is kept in memory holds no line. */
  leave() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.end("leaving");
  }
}
