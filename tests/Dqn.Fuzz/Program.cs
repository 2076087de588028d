using System.Diagnostics;
using System.Globalization;
using Dqn.Fuzz;
using Dqn.Randomness;

// Damages valid files and reads them, all readers in turn, for --seconds S (default 60), from --seed N (default 1). What
// went wrong is kept in --keep FOLDER. Ends with 0 if nothing did.
double seconds = double.Parse(Option("--seconds") ?? "60", CultureInfo.InvariantCulture);
var random = new Pcg64(ulong.Parse(Option("--seed") ?? "1", CultureInfo.InvariantCulture));
string? keep = Option("--keep");
if (keep is not null)
    Directory.CreateDirectory(keep);
IReadOnlyList<Target> targets = Target.All();
var report = new Report(keep);

// The first files load code: they say nothing about time.
foreach (Target target in targets)
    new Report(keep: null).Try(target, target.File);
var clock = Stopwatch.StartNew();
for (long i = 0; clock.Elapsed.TotalSeconds < seconds; i++)
{
    Target target = targets[(int)(i % targets.Count)];
    report.Try(target, target.Damage(target.File, random));
}

report.Write(Console.Out, clock.Elapsed);
return report.IsClean ? 0 : 1;

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
