using System.Diagnostics;
using System.Globalization;
using Dqn.Fuzz;
using Dqn.Randomness;

// Damages valid files and reads them, all readers in turn, for --seconds S (default 60) or until there are --files N, from
// --seed N (default 1). What went wrong is kept in --keep FOLDER. With --log FILE the figures are kept there and a campaign
// that was stopped goes on. Ends with 0 if nothing went wrong.
const int BlockRounds = 512;
double seconds = double.Parse(Option("--seconds") ?? "60", CultureInfo.InvariantCulture);
long files = long.Parse(Option("--files") ?? "9223372036854775807", CultureInfo.InvariantCulture);
ulong seed = ulong.Parse(Option("--seed") ?? "1", CultureInfo.InvariantCulture);
string? keep = Option("--keep"), log = Option("--log");
if (keep is not null)
    Directory.CreateDirectory(keep);
IReadOnlyList<Target> targets = Target.All();
Figures figures = Figures.Load(log, seed);
var report = new Report(figures, keep);

// The first files load code: they say nothing about time.
foreach (Target target in targets)
{
    var whole = new Figures();
    new Report(whole, keep: null).Try(target, target.File);
    if (whole.Read == 0)
        Console.WriteLine($"{target.Name}: refused though it is whole");
}

var clock = Stopwatch.StartNew();
var written = Stopwatch.StartNew();
for (double before = figures.Seconds; clock.Elapsed.TotalSeconds < seconds && figures.Files < files;)
{
    var random = new Pcg64(unchecked(seed + ((ulong)figures.Blocks << 20)));
    for (int round = 0; round < BlockRounds && clock.Elapsed.TotalSeconds < seconds; round++)
        foreach (Target target in targets)
            if (round % target.Every == 0)
                report.Try(target, target.Damage(target.File, random));
    figures.Blocks++;
    figures.Seconds = before + clock.Elapsed.TotalSeconds;
    if (log is not null && written.Elapsed.TotalSeconds > 5)
    {
        figures.Save(log);
        written.Restart();
    }
}

if (log is not null)
    figures.Save(log);
report.Write(Console.Out);
return report.IsClean ? 0 : 1;

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
