# SPDX-License-Identifier: MIT
"""A page in a headless Chromium, driven over the DevTools protocol."""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request

import tap

try:
    import websocket
except ImportError:
    websocket = None


class Page:
    """One browser with one page. What it asks for and complains of is kept in requests and errors."""

    def __init__(self):
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not program or not websocket:
            raise tap.Skip("there is no chromium" if not program else "there is no python3-websocket")
        self.profile = tempfile.mkdtemp()
        self.program = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run",
             "--remote-allow-origins=*", "--disable-dev-shm-usage", "--disable-background-networking",
             "--hide-scrollbars", "--user-data-dir=" + self.profile, "about:blank"],
            stderr=subprocess.PIPE, text=True, start_new_session=True)
        for line in self.program.stderr:
            if "DevTools listening on" in line:
                break
        else:
            raise tap.Skip("chromium does not start")
        host = line.split("//")[1].split("/")[0]
        with urllib.request.urlopen(f"http://{host}/json/list", timeout=20) as answer:
            target = next(t for t in json.load(answer) if t["type"] == "page")
        self.socket = websocket.create_connection(target["webSocketDebuggerUrl"], timeout=60)
        self.last = 0
        self.requests, self.errors = [], []
        for domain in "Page", "Runtime", "Network", "Log":
            self.call(domain + ".enable")

    def close(self):
        self.socket.close()
        self.program.terminate()
        self.program.wait(timeout=20)
        self.program.stderr.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def note(self, event):
        method, params = event["method"], event["params"]
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(params["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled":
            self.errors.append(params)
        elif method == "Log.entryAdded":
            self.errors.append(params["entry"])
        elif method == "Page.javascriptDialogOpening":
            self.errors.append(params)
            self.socket.send(json.dumps({"id": 0, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}}))

    def call(self, method, wait=None, **params):
        """Calls a method and returns its result; wait: an event that must come, too."""
        self.last += 1
        self.socket.send(json.dumps({"id": self.last, "method": method, "params": params}))
        result = None
        while result is None or wait:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.last:
                assert "error" not in message, (method, message)
                result = message["result"]
            elif "method" in message:
                self.note(message)
                if message["method"] == wait:
                    wait = None
        return result

    def open(self, path, place=""):
        self.requests, self.errors = [], []
        self.call("Page.navigate", url="about:blank", wait="Page.loadEventFired")
        self.requests = []
        self.call("Page.navigate", url="file://" + os.path.abspath(path) + place, wait="Page.loadEventFired")

    def value(self, expression):
        """The value of an expression, scripts or not."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def js(self, expression):
        """The value of an expression, once the page is drawn."""
        code = "(async () => { const v = await (%s); " \
               "await new Promise(r => requestAnimationFrame(() => setTimeout(r))); return v; })()" % expression
        answer = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def texts(self, selector):
        return self.js(f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.textContent)")

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=False)
        while self.js("innerWidth") != width:
            pass
        self.settle()

    def settle(self):
        """Until what follows a change of address or size is drawn."""
        for _ in range(2):
            self.js("0")

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia", media="screen",
                  features=[{"name": "prefers-color-scheme", "value": name}])

    def click(self, selector, number=0):
        """A click with the mouse, in the middle of an element's head."""
        x, y = self.js(f"(() => {{ const e = document.querySelectorAll({json.dumps(selector)})[{number}]; "
                       "e.scrollIntoView({ block: 'center' }); const b = e.getBoundingClientRect(); "
                       "return [b.x + b.width / 2, b.y + Math.min(b.height / 2, 8)]; })()")
        for kind in "mouseMoved", "mousePressed", "mouseReleased":
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def type(self, text):
        for c in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", text=c, key=c)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=c)
        self.settle()

    def key(self, name):
        for kind in "keyDown", "keyUp":
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name)
        self.settle()

    def picture(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(data))
