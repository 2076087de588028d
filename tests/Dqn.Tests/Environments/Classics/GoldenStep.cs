using System.Globalization;

namespace Dqn.Tests.Environments;

/// <summary>
/// Episodes of Gymnasium 1.4.0's classic tasks: for each step the action, the reward, whether it terminated, the state in
/// double precision and the observation. Step 0 is what reset(seed = episode) gives.
/// </summary>
internal sealed record GoldenStep(
    ulong Episode, int Step, int Action, double Reward, bool Terminated, double[] State, float[] Observation)
{
    public static IEnumerable<GoldenStep> Read(string name, int numbers) =>
        from line in File.ReadLines(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "classics", name)).Skip(1)
        let fields = line.Split(',')
        let values = fields[5..].Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray()
        select new GoldenStep(
            ulong.Parse(fields[0], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture),
            fields[2].Length == 0 ? -1 : int.Parse(fields[2], CultureInfo.InvariantCulture),
            double.Parse(fields[3], CultureInfo.InvariantCulture), fields[4] == "1", values[..numbers],
            [.. values[numbers..].Select(value => (float)value)]);
}
