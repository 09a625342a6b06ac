// News of the desk: one stream for all tabs of this browser. It tells that something moved and how much is unread, nothing else.
// The tab that gets the lock holds the stream and tells the others; when it closes, the next one takes over.
// A connection that is lost is said so on every tab, and comes back by itself.

const texts = document.body.dataset;
const news = document.querySelector(".news");
const trouble = document.querySelector(".lost");
const channel = new BroadcastChannel("parley-desk");
const title = document.title;
const PATIENCE = 4000, AGAIN = 5000, SKEW = 120000, QUIET = 1500;  // ms: before it is said, between attempts, of a clock that is off, after a click
const busy = () => document.querySelector("form.compose, .side-by-side form, input:focus, textarea:focus") !== null;
const strip = document.querySelector(".menu"), here = strip && strip.querySelector("[aria-current]");
if (here) {  // on a narrow screen the menu is a strip: the page that one is on stands in the middle of it
  const [whole, part] = [strip.getBoundingClientRect(), here.getBoundingClientRect()];
  strip.scrollLeft += part.left - whole.left - (whole.width - part.width) / 2;
}
let flash = 0;
let touched = 0;  // when a key or a button went down: a page is not taken away under a click
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => { touched = Date.now(); }, true);
let rang = Number(sessionStorage.getItem("parley-rang") || 0);
let sealed = Number(sessionStorage.getItem("parley-sealed") || 0);
let state = "there";

function shown(told) {
  for (const place of document.querySelectorAll("b[data-unread]")) {
    if (place.dataset.unread in told.unread) place.textContent = String(told.unread[place.dataset.unread]);
  }
  const count = Object.values(told.unread).reduce((sum, one) => sum + one, 0);
  flash = told.flash;
  document.title = flash || told.sealed ? `⚡ ${flash ? texts.flash : texts.sealed} – ${title}` : count ? `(${count}) ${title}` : title;
}

function ring(told, leads) {
  if ((flash > rang || told.sealed > sealed) && leads) {
    sound();
    notify(flash > rang ? texts.flash : texts.sealed);
  }
  [rang, sealed] = [flash, told.sealed];
  sessionStorage.setItem("parley-rang", String(rang));
  sessionStorage.setItem("parley-sealed", String(sealed));
}

function notify(words) {
  if (window.Notification && Notification.permission === "granted") new Notification(words, { tag: "parley-flash", requireInteraction: true });
}

export function sound() {
  const context = new AudioContext();
  for (let beat = 0; beat < 6; beat += 1) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = beat % 2 ? 660 : 880;
    volume.gain.value = 0.25;
    tone.connect(volume).connect(context.destination);
    tone.start(context.currentTime + beat * 0.3);
    tone.stop(context.currentTime + beat * 0.3 + 0.22);
  }
}

function heard(message, leads) {
  if (message.state) {
    stands(message.state);
    return;
  }
  shown(message.told);
  ring(message.told, leads);
  clock(message.told.at);
  if (message.name !== "moved") return;
  if (texts.section === "today" && !busy()) {
    anew();
    return;
  }
  news.hidden = false;
  news.querySelector("p").textContent = flash ? texts.flash : "";
}

function anew() {
  const rest = touched + QUIET - Date.now();
  if (rest > 0) setTimeout(anew, rest);
  else if (!busy()) location.reload();
}

// What is said above the page: "lost", "ended" (the session), "clock"; "there" says nothing.
function stands(now) {
  if (state === "lost" && now === "there" && texts.section === "today" && !busy()) location.reload();
  state = now;
  trouble.dataset.state = now;
  trouble.hidden = now === "there";
  trouble.querySelector("p").textContent = { lost: texts.lost, ended: texts.ended, clock: texts.clock }[now] || "";
  trouble.querySelector("a").hidden = now !== "ended";
}

function tell(now) {
  if (now === state) return;
  channel.postMessage({ state: now });
  stands(now);
}

function clock(at) {
  tell(Math.abs(Date.now() - at) > SKEW ? "clock" : "there");
}

channel.addEventListener("message", (event) => heard(event.data, false));

navigator.locks.request("parley-stream", async () => {
  while (await listen()) await new Promise((go) => setTimeout(go, AGAIN));
});

// Until the stream is closed for good; whether it is worth another attempt.
function listen() {
  return new Promise((done) => {
    let saying;
    const stream = new EventSource("/events");
    for (const name of ["now", "moved"]) {
      stream.addEventListener(name, (event) => {
        clearTimeout(saying);
        saying = undefined;
        const message = { name, told: JSON.parse(event.data) };
        channel.postMessage(message);
        heard(message, true);
      });
    }
    stream.addEventListener("error", async () => {
      saying ??= setTimeout(() => tell("lost"), PATIENCE);  // a page that is left ends its stream too
      if (stream.readyState !== EventSource.CLOSED) return;  // the browser tries again by itself
      const ended = await signedOut();
      if (ended) clearTimeout(saying);
      if (ended) tell("ended");
      done(!ended);
    });
  });
}

// The stream does not say why it was refused; a page of one's own does.
async function signedOut() {
  try {
    return (await fetch("/settings", { credentials: "same-origin", redirect: "manual", cache: "no-store" })).status === 401;
  } catch {
    return false;
  }
}

// One key for each language of a note: 1 to 6; j, k and / on lists; unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const to = document.querySelector(`.tongues a[data-key="${CSS.escape(event.key)}"]`);
  if (to) location.assign(to.href);
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  const words = event.key === "/" && document.querySelector("input[type=search]");
  if (words) {
    event.preventDefault();
    words.focus();
  }
});

function step(by) {
  const links = [...document.querySelectorAll(".threads > li > a")];
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
}

for (const place of document.querySelectorAll(".with-keys")) place.hidden = false;

// A second click on the same button sends nothing twice; without a connection nothing is sent, and what was typed stays.
document.addEventListener("submit", (event) => {
  if (state === "lost" && event.target.method === "post") {
    event.preventDefault();
    trouble.scrollIntoView();
    return;
  }
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
  setTimeout(() => delete event.target.dataset.sent, 3000);
});

const alarm = document.querySelector(".alarm-settings");
if (alarm) {
  alarm.querySelector(".with-script").hidden = false;
  alarm.querySelector(".without-script").hidden = true;
  alarm.querySelector(".ring").addEventListener("click", async () => {
    sound();
    const may = window.Notification ? await Notification.requestPermission() : "none";
    alarm.querySelector(".said").textContent = alarm.dataset[may] || may;
    document.title = `⚡ ${texts.flash} – ${title}`;
    notify(texts.flash);
    setTimeout(() => { document.title = title; }, 5000);
  });
}
