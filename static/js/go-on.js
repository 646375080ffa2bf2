// Sends the one form of a page at once: without JavaScript its button does.
document.querySelector("form[data-go-on]").submit();
