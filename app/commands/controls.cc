#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "app/commands/command.h"
#include "risk/checks/inventory.h"

namespace portcullis::app {

namespace {

int print_markdown() {
  std::fputs(risk::inventory_markdown().c_str(), stdout);
  return kExitDone;
}

int print_json() {
  for (const risk::ControlText& control : risk::inventory()) {
    const boost::json::object line{{"control", to_string(control.id)},
                                   {"name", control.name},
                                   {"what", control.what},
                                   {"formula", control.formula},
                                   {"scopes", control.scopes},
                                   {"limits", control.limits},
                                   {"level", control.level},
                                   {"codes", control.codes},
                                   {"source", control.source},
                                   {"test", control.test}};
    std::printf("%s\n", boost::json::serialize(line).c_str());
  }
  return kExitDone;
}

int print_text() {
  for (const risk::ControlText& control : risk::inventory()) {
    std::printf("%-3.*s %-20.*s %.*s\n", static_cast<int>(to_string(control.id).size()), to_string(control.id).data(),
                static_cast<int>(control.name.size()), control.name.data(), static_cast<int>(control.what.size()),
                control.what.data());
  }
  return kExitDone;
}

}  // namespace

void add_controls(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("controls", "List the pre-trade controls of this version");
  auto markdown = std::make_shared<bool>(false);
  auto json = std::make_shared<bool>(false);
  auto* as_markdown = command->add_flag("--markdown", *markdown, "The table of docs/risk.md");
  command->add_flag("--json", *json, "One JSON object a line")->excludes(as_markdown);
  command->footer("What a control refuses, by which formula and limits, at which scopes, and which tests show it.");
  command->callback([markdown, json, &run] {
    run = [markdown, json] { return *markdown ? print_markdown() : *json ? print_json() : print_text(); };
  });
}

}  // namespace portcullis::app
