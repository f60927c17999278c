// The button in the page opens the chat; without the chat there is no button.
const ask = document.getElementById("ask");
addEventListener("ready", () => {
  ask.hidden = false;
});
ask.addEventListener("click", () => window.Backline.open());
