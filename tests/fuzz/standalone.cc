#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

// Drives a fuzz target where libFuzzer is not at hand: random splices of FIX-like pieces, XML pieces and
// bytes, mutated. The input of a failure is written beside the program and named.
//
//   fuzz_<name> [--rounds N] [--seed N] [file...]     files: each is run once instead

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::string g_input;
const char* g_program = "";

extern "C" void save_input(int signal) {
  const std::string path = std::string(g_program) + ".failed-input";
  if (std::FILE* file = std::fopen(path.c_str(), "wb")) {
    std::fwrite(g_input.data(), 1, g_input.size(), file);
    std::fclose(file);
    std::fprintf(stderr, "the failing input is in %s (signal %d)\n", path.c_str(), signal);
  }
  std::_Exit(1);
}

const std::vector<std::string>& pieces() {
  static const std::vector<std::string> kPieces = {"8=FIX.4.4\x01",
                                                   "8=FIX.4.2\x01",
                                                   "9=0\x01",
                                                   "9=000100\x01",
                                                   "9=65536\x01",
                                                   "35=D\x01",
                                                   "35=8\x01",
                                                   "35=G\x01",
                                                   "35=F\x01",
                                                   "35=9\x01",
                                                   "35=j\x01",
                                                   "34=1\x01",
                                                   "49=A\x01",
                                                   "56=B\x01",
                                                   "52=20261122-12:00:00\x01",
                                                   "11=X\x01",
                                                   "41=Y\x01",
                                                   "37=Z\x01",
                                                   "17=E\x01",
                                                   "150=F\x01",
                                                   "150=0\x01",
                                                   "39=1\x01",
                                                   "20=0\x01",
                                                   "55=EUR/USD\x01",
                                                   "54=1\x01",
                                                   "38=1000\x01",
                                                   "152=5\x01",
                                                   "40=2\x01",
                                                   "40=1\x01",
                                                   "44=1.1\x01",
                                                   "99=1.0\x01",
                                                   "59=0\x01",
                                                   "21=1\x01",
                                                   "60=20261122-12:00:00\x01",
                                                   "151=1\x01",
                                                   "14=1\x01",
                                                   "6=1.1\x01",
                                                   "32=1\x01",
                                                   "31=1.1\x01",
                                                   "453=1\x01",
                                                   "448=P\x01",
                                                   "447=D\x01",
                                                   "452=1\x01",
                                                   "802=1\x01",
                                                   "523=S\x01",
                                                   "78=1\x01",
                                                   "79=S\x01",
                                                   "80=1\x01",
                                                   "95=3\x01",
                                                   "96=a\x01"
                                                   "b\x01",
                                                   "354=2\x01",
                                                   "355=xy\x01",
                                                   "93=4\x01",
                                                   "89=sign\x01",
                                                   "5001=u\x01",
                                                   "58=t\x01",
                                                   "10=000\x01",
                                                   "10=128\x01",
                                                   "=",
                                                   "\x01",
                                                   "999999999=1\x01",
                                                   "1=",
                                                   "<fix>",
                                                   "</fix>",
                                                   "<fields>",
                                                   "<field ",
                                                   "name='A'",
                                                   "number='1'",
                                                   "type='INT'",
                                                   "/>",
                                                   "<group ",
                                                   "<component ",
                                                   "<!--",
                                                   "&#0;"};
  return kPieces;
}

std::string random_input(std::mt19937_64& random) {
  std::string input;
  const std::size_t count = random() % 60;
  for (std::size_t i = 0; i < count; ++i) {
    if (random() % 12 == 0) {
      input += static_cast<char>(random());
    } else {
      input += pieces()[random() % pieces().size()];
    }
  }
  for (std::size_t changes = random() % 4; changes > 0 && !input.empty(); --changes) {
    const std::size_t at = random() % input.size();
    switch (random() % 3) {
      case 0:
        input[at] = static_cast<char>(random());
        break;
      case 1:
        input.erase(at, random() % 8);
        break;
      default:
        input.resize(at);
        break;
    }
  }
  return input;
}

void run(const std::string& input) {
  g_input = input;
  // Exactly as large as the input, so that a sanitizer sees a read beyond it.
  std::vector<std::uint8_t> bytes(input.begin(), input.end());
  bytes.shrink_to_fit();
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  g_program = argv[0];
  std::signal(SIGABRT, save_input);
  std::signal(SIGSEGV, save_input);
  unsigned long rounds = 20'000;
  unsigned long seed = 1;
  bool files = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
      rounds = std::strtoul(argv[++i], nullptr, 10);
    } else if (std::strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
      seed = std::strtoul(argv[++i], nullptr, 10);
    } else {
      std::ifstream file(argv[i], std::ios::binary);
      run(std::string(std::istreambuf_iterator<char>(file), {}));
      files = true;
    }
  }
  if (files) return 0;
  std::mt19937_64 random(seed);
  for (unsigned long round = 0; round < rounds; ++round) run(random_input(random));
  std::printf("%lu rounds from seed %lu\n", rounds, seed);
  return 0;
}
