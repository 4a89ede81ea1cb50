// Runs first in the page, for browsers that do not know the header Connection-Allowlist: the policy of the page (door.py)
// stops what it loads, but not where it goes, nor WebRTC. It holds in this page; a frame made by a script has its own.
(() => {
  delete window.RTCPeerConnection;
  delete window.webkitRTCPeerConnection;
  const home = `${location.origin}/`;
  window.navigation?.addEventListener("navigate", (event) => {
    const { url } = event.destination;
    const saved = event.downloadRequest != null && /^(blob|data):/.test(url); // an export, made in the page
    if (!url.startsWith(home) && !saved) event.preventDefault();
  });
})();
