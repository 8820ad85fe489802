// Runs before the first paint, as a classic script: reading settings, and the way to the rest.
(function () {
  'use strict';
  var fromDisk = location.protocol === 'file:';

  // The page of an earlier address: on to the present one, with the turn that the link names.
  var onward = document.currentScript.dataset.onward;
  if (onward) {
    if (fromDisk && onward.endsWith('/')) onward += 'index.html';
    location.replace(onward + location.search + location.hash);
    return;
  }

  var root = document.documentElement;
  if (fromDisk) root.setAttribute('data-disk', '');
  var names = { theme: 'auto', size: 'm' };

  function recall(name) {
    try { return localStorage.getItem('podleaf-' + name) || names[name]; } catch (e) { return names[name]; }
  }
  function apply(name, value) {
    if (value === names[name]) root.removeAttribute('data-' + name);
    else root.setAttribute('data-' + name, value);
  }
  for (var name in names) apply(name, recall(name));

  document.addEventListener('change', function (event) {
    var input = event.target;
    if (input.type !== 'radio' || !Object.prototype.hasOwnProperty.call(names, input.name)) return;
    apply(input.name, input.value);
    try { localStorage.setItem('podleaf-' + input.name, input.value); } catch (e) { /* settings last for this page */ }
  });

  // Opened from disk: modules do not load there, and a folder has no page of its own.
  if (!fromDisk) {
    var script = document.createElement('script');
    script.type = 'module';
    script.src = document.currentScript.dataset.module;
    document.head.append(script);
  }

  document.addEventListener('DOMContentLoaded', function () {
    document.querySelectorAll('.prefs input').forEach(function (input) {
      input.checked = input.value === recall(input.name);
    });
    if (!fromDisk) return;
    document.querySelectorAll('a[href]').forEach(function (link) {
      var href = link.getAttribute('href');
      if (/^([a-z][a-z0-9+.-]*:|\/\/|#)/i.test(href)) return;
      var parts = /^([^?#]*)(.*)$/.exec(href);
      var path = parts[1];
      if (/(^|\/)\.\.?$/.test(path)) path += '/';
      if (path.endsWith('/')) link.setAttribute('href', path + 'index.html' + parts[2]);
    });
  });
})();
