#:package Microsoft.ML.OnnxRuntime@1.31.1
#:property ManagePackageVersionsCentrally=false
// A policy that Dqn trained, without Dqn: ONNX Runtime balances 20 poles at once. ExportOnnx.cs writes the file.
using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

const int Poles = 20, Limit = 500;
if (!File.Exists("cartpole.onnx"))
{
    string folder = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
    using Process export = Process.Start("dotnet", ["run", Path.Combine(folder, "ExportOnnx.cs")]);
    export.WaitForExit();
}

using var session = new InferenceSession("cartpole.onnx");
using var options = new RunOptions();
var random = new Random(1);
float[] states = [.. Enumerable.Range(0, Poles * 4).Select(_ => random.NextSingle() * 0.1f - 0.05f)];
int[] steps = new int[Poles];
bool IsUp(int pole) => Math.Abs(states[4 * pole]) <= 2.4f && Math.Abs(states[4 * pole + 2]) <= 12 * MathF.PI / 180;
for (int step = 0; step < Limit; step++)
{
    using var observation = OrtValue.CreateTensorValueFromMemory(states, [Poles, 4]); // position, speed, angle, turning speed
    using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, ["observation"], [observation], ["action"]);
    long[] actions = outputs[0].GetTensorDataAsSpan<long>().ToArray();
    foreach (int pole in Enumerable.Range(0, Poles).Where(IsUp))
    {
        Push(states.AsSpan(4 * pole, 4), actions[pole] == 1 ? 10 : -10);
        steps[pole]++;
    }
}

Console.WriteLine($"mean return over {Poles} episodes, by ONNX Runtime alone: {steps.Average():0.0}");
return steps.Average() >= 475 ? 0 : 1;

void Push(Span<float> state, float force) // Barto, Sutton, Anderson (1983): a cart of 1 kg, a pole of 0.1 kg and 1 m, 0.02 s
{
    (float sin, float cos) = MathF.SinCos(state[2]);
    float push = (force + 0.05f * state[3] * state[3] * sin) / 1.1f;
    float turn = (9.8f * sin - cos * push) / (0.5f * (4f / 3 - 0.1f * cos * cos / 1.1f));
    ReadOnlySpan<float> change = [state[1], push - 0.05f * turn * cos / 1.1f, state[3], turn];
    for (int i = 0; i < 4; i++)
        state[i] += 0.02f * change[i];
}
