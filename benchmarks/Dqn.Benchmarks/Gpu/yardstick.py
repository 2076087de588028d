"""The notebook's network and learning step in PyTorch, eagerly and as a CUDA graph.

Arguments: seconds per figure, seconds after which no further one is begun. Prints the lines of Measurement.cs.
"""
import os
import sys
import time

import torch
from torch import nn

SECONDS, LIMIT = float(sys.argv[1]), float(sys.argv[2])
START = time.perf_counter()
FRAMES, ACTIONS, GAMMA = 20_000, 5, 0.99
CUDA = torch.cuda.is_available()
DEVICE = torch.device("cuda" if CUDA else "cpu")
torch.set_num_threads(os.cpu_count())  # Some builds begin with one.
STACK = torch.arange(4, device=DEVICE)


def network():
    return nn.Sequential(
        nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 64, 3, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, ACTIONS)).to(DEVICE)


def finish():
    if CUDA:
        torch.cuda.synchronize()


def measure(column, operation, batch, call):
    if time.perf_counter() - START > LIMIT:
        print(f"No time left for {column}, {operation} at batch {batch}.", file=sys.stderr)
        return
    warm = time.perf_counter()
    while True:
        start = time.perf_counter()
        call()
        finish()
        once = time.perf_counter() - start
        if time.perf_counter() - warm > SECONDS / 2:
            break
    calls = min(max(int(0.02 / once), 1), 1000)
    blocks, first = [], time.perf_counter()
    while len(blocks) < 3 or time.perf_counter() - first < SECONDS:
        start = time.perf_counter()
        for _ in range(calls):
            call()
        finish()
        blocks.append((time.perf_counter() - start) / calls)
    low, median, high = torch.tensor(blocks, dtype=torch.float64).quantile(
        torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64)).tolist()
    print("measured", column, operation, batch, low, median, high, sep="\t", flush=True)


class Learner:
    """Frames, actions and rewards lie on the device; stacks are gathered there."""

    def __init__(self, batch, capturable=False):
        self.batch, self.online, self.target = batch, network(), network()
        options = {"capturable": True} if capturable else {}
        self.optimizer = torch.optim.RMSprop(self.online.parameters(), lr=0.00025, **options)
        self.frames = torch.randint(0, 256, (FRAMES, 84, 84), dtype=torch.uint8, device=DEVICE)
        self.actions = torch.randint(0, ACTIONS, (FRAMES, 1), device=DEVICE)
        self.rewards = torch.ones(FRAMES, device=DEVICE)
        self.ends = (torch.rand(FRAMES, device=DEVICE) < 0.01).float()

    def fit(self, inputs, actions, targets):
        loss = nn.functional.mse_loss(self.online(inputs).gather(1, actions).squeeze(1), targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss

    def learn(self):
        index = torch.randint(3, FRAMES - 1, (self.batch,), device=DEVICE)
        stacks = index[:, None] + STACK - 3
        with torch.no_grad():
            following = self.target(self.frames[stacks + 1].float().div_(255)).max(1).values
            targets = self.rewards[index] + GAMMA * (1 - self.ends[index]) * following
        return self.fit(self.frames[stacks].float().div_(255), self.actions[index], targets)


def eager(column):
    acting = network()
    for batch in (1, 16):
        stacks = torch.randint(0, 256, (batch, 4, 84, 84), dtype=torch.uint8)
        with torch.no_grad():
            measure(column, "act", batch, lambda: acting(stacks.to(DEVICE).float().div_(255)).argmax(1).cpu())
    for batch in (32, 128, 512, 4096):
        learner = Learner(batch)
        stacks = torch.randint(0, 256, (batch, 4, 84, 84), dtype=torch.uint8)
        actions, targets = torch.randint(0, ACTIONS, (batch, 1)), torch.rand(batch)
        with torch.no_grad():
            measure(column, "evaluate", batch, lambda: learner.online(stacks.to(DEVICE).float().div_(255)).cpu())
        measure(column, "fit", batch, lambda: learner.fit(
            stacks.to(DEVICE).float().div_(255), actions.to(DEVICE), targets.to(DEVICE)).item())
        measure(column, "learn", batch, lambda: learner.learn().item())


def graph(column):
    for batch in (32, 128, 512, 4096):
        learner, side = Learner(batch, capturable=True), torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                learner.learn()
        torch.cuda.current_stream().wait_stream(side)
        captured = torch.cuda.CUDAGraph()
        with torch.cuda.graph(captured):
            learner.learn()
        measure(column, "learn", batch, captured.replay)


for suffix, tf32 in (("", False), (", TF32", True)) if CUDA else (("", False),):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    eager("PyTorch eager" + suffix)
    if CUDA:
        graph("PyTorch CUDA graph" + suffix)
