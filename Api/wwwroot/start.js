// Live prices over the hub: a small client of the SignalR JSON protocol, whose messages end with a record separator.
const END = "\u001e";
const PING = JSON.stringify({ type: 6 }) + END;
const SYMBOLS = 200;

const table = document.getElementById("prices");
const connection = document.getElementById("connection");
const source = document.getElementById("source");
const rows = new Map();
const waiting = new Map();
let attempt = 0;

function cell(row, className) {
  const element = row.insertCell();
  element.className = className;
  element.textContent = "–";
  return element;
}

function rowOf(symbol) {
  let row = rows.get(symbol);
  if (!row) {
    const line = table.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = symbol;
    line.append(head);
    row = { price: cell(line, "number"), change: cell(line, "number"), volume: cell(line, "number"), time: cell(line, "number") };
    rows.set(symbol, row);
  }

  return row;
}

function showPrice(row, price, time) {
  row.price.textContent = price.toLocaleString("en", { maximumSignificantDigits: 12 });
  row.time.textContent = new Date(time).toISOString().slice(11, 23);
}

function showAsset(asset) {
  const row = rowOf(asset.symbol);
  if (asset.price !== null && row.price.textContent === "–") {
    showPrice(row, asset.price, asset.priceTime);
  }

  if (asset.change24h !== null) {
    row.change.textContent = `${asset.change24h >= 0 ? "+" : "−"}${Math.abs(asset.change24h).toFixed(2)} %`;
    row.change.className = `number ${asset.change24h >= 0 ? "up" : "down"}`;
  }

  if (asset.volume24h !== null) {
    row.volume.textContent = Math.round(asset.volume24h).toLocaleString("en");
  }
}

function draw() {
  for (const [symbol, tick] of waiting) {
    showPrice(rowOf(symbol), tick.price, tick.time);
  }

  waiting.clear();
}

async function load() {
  const answer = await fetch("/api/v1/cryptocurrencies?limit=" + SYMBOLS);
  if (!answer.ok) {
    throw new Error("the list of assets is not available (" + answer.status + ")");
  }

  const { items } = await answer.json();
  items.forEach(showAsset);
  return items.map((asset) => asset.symbol);
}

async function showSource() {
  const answer = await fetch("/api/v1/market/feed");
  if (answer.ok) {
    const feed = await answer.json();
    source.textContent = feed.notice;
    source.className = "source " + (feed.isSimulated ? "simulated" : "live");
  }
}

function receive(message) {
  if (message.type === 1 && message.target === "price") {
    if (waiting.size === 0) {
      requestAnimationFrame(draw);
    }

    for (const tick of message.arguments[0]) {
      waiting.set(tick.symbol, tick);
    }
  } else if (message.type === 3) {
    const count = message.result ? message.result.symbols.length : 0;
    connection.textContent = message.error ? message.error : `Connected: ${count} assets.`;
  }
}

function listen(symbols) {
  return new Promise((ended) => {
    const socket = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/hubs/market");
    let ping;
    socket.onopen = () => socket.send(JSON.stringify({ protocol: "json", version: 1 }) + END);
    socket.onmessage = (event) => {
      for (const text of event.data.split(END)) {
        const message = text ? JSON.parse(text) : null;
        if (message && message.type) {
          receive(message);
        } else if (message && !ping) {
          // The answer to the handshake: from here on both sides speak.
          attempt = 0;
          ping = setInterval(() => socket.send(PING), 15000);
          socket.send(JSON.stringify({ type: 1, invocationId: "1", target: "Subscribe", arguments: [symbols, []] }) + END);
        }
      }
    };
    socket.onclose = () => {
      clearInterval(ping);
      ended();
    };
  });
}

async function run() {
  for (;;) {
    try {
      const symbols = await load();
      await showSource();
      await listen(symbols);
      connection.textContent = "The connection was lost; trying again…";
    } catch (error) {
      connection.textContent = "Not connected: " + error.message + "; trying again…";
    }

    attempt = Math.min(attempt + 1, 5);
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
  }
}

setInterval(() => load().catch(() => {}), 15000);
run();
