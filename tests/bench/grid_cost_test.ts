import assert from "node:assert/strict";
import { dense, encoderMultiplyAdds, makespan } from "../../bench/grid_cost.ts";
import { encoders } from "../../lib/nn/network/encoder.ts";

Deno.test("multiply-adds are those that others count", () => {
  // 0.56 G and 0.15 G: ResNet18 and VGG11 for CIFAR, as profilers of their PyTorch forms say.
  assert.equal(Math.round(encoderMultiplyAdds(encoders.resnet18, 32) / 1e6), 555);
  assert.equal(Math.round(encoderMultiplyAdds(encoders.vgg11, 32) / 1e6), 153);
  assert.equal(encoderMultiplyAdds(encoders.mlp, 32), 3072 * 1024 + 1024 * 512);
  assert.equal(
    encoderMultiplyAdds(encoders["resnet18-stride2"], 64) > 0,
    true,
    "a stride of 2 brings 64 x 64 to 32 x 32",
  );
  assert.equal(dense([512, 65536, 10]), 512 * 65536 + 65536 * 10);
});

Deno.test("the time on GPUs is between the two bounds that hold for every order", () => {
  const durations = [9, 7, 6, 5, 5, 4, 3, 1];
  const sum = durations.reduce((a, b) => a + b);
  assert.equal(makespan(durations, 1), sum);
  assert.equal(makespan(durations, 100), 9);
  for (const gpus of [2, 3, 4, 5]) {
    const time = makespan(durations, gpus);
    assert.ok(time >= Math.max(9, sum / gpus) && time <= sum / gpus + 9, `${gpus}: ${time}`);
  }
  assert.equal(makespan([5, 4, 3, 3, 3], 2), 10);
});
