// The moving picture of the front page: six tosses become a curve, 784 such curves a digit. It plays once, in less than
// five seconds; without this script, or where motion is unwelcome, its last frame stands still.
document.addEventListener("DOMContentLoaded", () => {
  const picture = document.querySelector(".opening");
  const data = picture && JSON.parse(picture.querySelector("script").textContent);
  if (!data) return;
  const coins = [...picture.querySelectorAll(".coin")], curve = picture.querySelector(".curve");
  const top = picture.querySelector(".top"), fraction = picture.querySelector(".best"), said = [...picture.querySelectorAll("[data-says]")];
  const frames = [...picture.querySelectorAll(".digit image")];
  const TOSS = 330, FRAME = 240; // ms
  const tossed = TOSS * coins.length, end = tossed + FRAME * frames.length;

  // The state at time t: so many coins, the curve between two of its shapes, so many images counted.
  function draw(t) {
    const at = Math.min(coins.length, t / TOSS), whole = Math.floor(at), part = Math.min(1, (at - whole) * 2);
    const from = data.curves[Math.max(0, whole - 1)], to = data.curves[Math.min(whole, coins.length)];
    const now = whole >= coins.length ? data.curves.at(-1) : from.map((y, i) => y + (to[i] - y) * part);
    curve.setAttribute("d", "M" + now.map((y, i) => `${data.x[i]},${y.toFixed(1)}`).join("L"));
    fraction.classList.toggle("later", at < coins.length);
    const best = now.indexOf(Math.min(...now));
    top.setAttribute("cx", data.x[best]);
    top.setAttribute("cy", now[best]);
    coins.forEach((coin, i) => coin.classList.toggle("later", i >= at));
    const seen = Math.min(frames.length - 1, Math.floor((t - tossed) / FRAME));
    frames.forEach((frame, i) => frame.classList.toggle("later", i !== seen));
    said[0].textContent = data.tosses.slice(0, Math.ceil(at)).join(" ") || " ";
    said[1].textContent = seen < 0 ? " " : data.counts[seen];
  }
  function play() {
    let begun;
    const step = (now) => {
      begun ??= now;
      const t = now - begun;
      draw(Math.min(t, end));
      picture.dataset.state = t < end ? "moving" : "still";
      if (t < end) requestAnimationFrame(step);
    };
    picture.dataset.state = "moving";
    requestAnimationFrame(step);
  }
  const again = document.createElement("button");
  again.type = "button";
  again.className = "course-button";
  again.textContent = "Play again";
  again.addEventListener("click", () => picture.dataset.state !== "moving" && play());
  picture.append(again);
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play();
});
