// What a form says when it could not be kept while it was being filled in.
document.addEventListener("htmx:afterRequest", (event) => {
  const kept = event.detail.successful && event.detail.xhr.getResponseHeader("x-draft") === "kept";
  if (event.target.id === "autosave" && !kept) {
    document.getElementById("saved").textContent =
      "没有自动保存（网络中断、登录已过期或者系统繁忙）。内容还在本页，请不要关闭；再填写时会再试，也可以点“存草稿”。";
  }
});
// An answer that is no note on the draft, such as the page to sign in, is not put into the form.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("x-draft") !== "kept") event.detail.shouldSwap = false;
});
