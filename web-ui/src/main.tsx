import { render } from "preact";

function Dashboard() {
  return <h1>Starling</h1>;
}

const mount = document.getElementById("dashboard");
if (mount) render(<Dashboard />, mount);
