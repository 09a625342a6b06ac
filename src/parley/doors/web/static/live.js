// News of the desk: one stream for all tabs of this browser. It tells that something moved and how much is unread, nothing else.
// The tab that gets the lock holds the stream and tells the others; when it closes, the next one takes over.

const texts = document.body.dataset;
const news = document.querySelector(".news");
const channel = new BroadcastChannel("parley-desk");
const title = document.title;
const busy = () => document.querySelector("form.compose, .side-by-side form, input:focus, textarea:focus") !== null;
let flash = 0;
let rang = Number(sessionStorage.getItem("parley-rang") || 0);

function shown(told) {
  for (const place of document.querySelectorAll("b[data-unread]")) {
    if (place.dataset.unread in told.unread) place.textContent = String(told.unread[place.dataset.unread]);
  }
  const count = Object.values(told.unread).reduce((sum, one) => sum + one, 0);
  flash = told.flash;
  document.title = flash ? `⚡ ${texts.flash} – ${title}` : count ? `(${count}) ${title}` : title;
}

function ring(leads) {
  if (flash > rang && leads) {
    sound();
    if (window.Notification && Notification.permission === "granted") new Notification(texts.flash, { tag: "parley-flash" });
  }
  rang = flash;
  sessionStorage.setItem("parley-rang", String(rang));
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
  shown(message.told);
  ring(leads);
  if (message.name !== "moved") return;
  if (texts.section === "today" && !busy()) {
    location.reload();
    return;
  }
  news.hidden = false;
  news.querySelector("p").textContent = flash ? texts.flash : "";
}

channel.addEventListener("message", (event) => heard(event.data, false));

navigator.locks.request("parley-stream", () => new Promise((done) => {
  const stream = new EventSource("/events");
  for (const name of ["now", "moved"]) {
    stream.addEventListener(name, (event) => {
      const message = { name, told: JSON.parse(event.data) };
      channel.postMessage(message);
      heard(message, true);
    });
  }
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) done();  // signed out: the next page asks again
  });
}));

// One key for each language of a note: 1 to 6, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const to = document.querySelector(`.tongues a[data-key="${CSS.escape(event.key)}"]`);
  if (to) location.assign(to.href);
});

// A second click on the same button sends nothing twice.
document.addEventListener("submit", (event) => {
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
    alarm.querySelector(".said").textContent = window.Notification ? await Notification.requestPermission() : "";
  });
}
