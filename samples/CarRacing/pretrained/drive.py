"""The pretrained driver in Python: python drive.py [best.pt [FIRST_SEED [TRACKS]]]

Needs gymnasium[box2d] and torch. What it sees and does is what `evaluate` sees and does.
"""
import sys

import gymnasium
import numpy as np
import torch
from torch import nn


class Driver(nn.Module):
    """[batch, 4, 42, 42] grey tones -> [batch, 5] action values: dueling streams of 32 quantiles; the mean of the lower half."""

    def __init__(self, weights):
        super().__init__()
        a, b, c = (weights[f"conv{i}.bias"].shape[0] for i in (1, 2, 3))
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(4, a, 6, 3), nn.Conv2d(a, b, 4, 2), nn.Conv2d(b, c, 3)
        self.value1, self.value2 = nn.Linear(9 * c, 256), nn.Linear(256, 32)
        self.advantage1, self.advantage2 = nn.Linear(9 * c, 256), nn.Linear(256, 5 * 32)
        self.load_state_dict(weights)

    def forward(self, frames):
        x = frames / 255
        for conv in (self.conv1, self.conv2, self.conv3):
            x = conv(x).relu()
        x = x.flatten(1)
        value = self.value2(self.value1(x).relu()).unsqueeze(1)
        advantage = self.advantage2(self.advantage1(x).relu()).view(-1, 5, 32)
        return (value + advantage - advantage.mean(1, keepdim=True))[:, :, :16].mean(2)


TONES = np.interp(range(256), [0, 95, 112, 255], [0, 40, 200, 255]).round().astype(int)


def frame(rgb):
    """[96, 96, 3] -> [42, 42]: the picture without its indicators in OpenCV's grey, tiles made to stand out, halved."""
    grey = TONES[(rgb[:84, 6:90].astype(int) @ [9798, 19235, 3735] + 16384) >> 15]
    return ((grey.reshape(42, 2, 42, 2).sum((1, 3)) * 2 + 4) // 8).astype(np.uint8)


def load(path):
    """[name: tensor], and nothing else that a file may hold: it is read, never executed."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except TypeError:
        sys.exit(f"drive.py: PyTorch {torch.__version__} cannot load weights alone (weights_only); PyTorch 1.13 or newer can.")


arguments = sys.argv[1:] + ["best.pt", "20000", "10"][len(sys.argv) - 1:]
first, tracks = int(arguments[1]), int(arguments[2])
driver = Driver(load(arguments[0]))
env = gymnasium.make("CarRacing-v3", continuous=False)
for seed in range(first, first + tracks):
    picture, _ = env.reset(seed=seed)
    stack, total, over = [frame(picture)] * 4, 0.0, False
    while not over:
        with torch.no_grad():
            action = int(driver(torch.from_numpy(np.stack(stack)[None]).float()).argmax())
        for _ in range(4):
            picture, reward, terminated, truncated, _ = env.step(action)
            total, over = total + reward, terminated or truncated
            if over:
                break
        stack = stack[1:] + [frame(picture)]
    print(seed, total)
