// Says that it listens, then prints what the hub sends, a line an event, until it is stopped or has seen the event named in UNTIL.
//   node --experimental-websocket docs/examples/listen.mjs "$TICKET" BTC
const END = "\u001e";
const [ticket, ...symbols] = process.argv.slice(2);
const hub = process.env.HUB ?? "ws://127.0.0.1:5080/hubs/market";
const socket = new WebSocket(ticket ? `${hub}?ticket=${ticket}` : hub);
let ready = false;

socket.onopen = () => socket.send(JSON.stringify({ protocol: "json", version: 1 }) + END);
socket.onerror = () => {
  console.error(`${hub} cannot be reached`);
  process.exit(1);
};
socket.onclose = (event) => {
  console.error(`closed: ${event.code} ${event.reason}`);
  process.exit(1);
};
socket.onmessage = ({ data }) => {
  for (const text of data.split(END).filter(Boolean)) {
    const message = JSON.parse(text);
    if (!ready) {
      // The answer to the handshake; from here on both sides speak.
      ready = true;
      setInterval(() => socket.send(JSON.stringify({ type: 6 }) + END), 15000);
      socket.send(JSON.stringify({ type: 1, invocationId: "1", target: "Subscribe", arguments: [symbols, []] }) + END);
    } else if (message.type === 3) {
      console.log("listening");
    } else if (message.type === 1) {
      console.log(message.target, JSON.stringify(message.arguments[0]));
      if (message.target === process.env.UNTIL) {
        process.exit(0);
      }
    }
  }
};
