using Box2D.NetStandard.Collision;
using Box2D.NetStandard.Dynamics.Contacts;
using Box2D.NetStandard.Dynamics.World;
using Box2D.NetStandard.Dynamics.World.Callbacks;

namespace Dqn.CarRacing;

/// <summary>Notes in the engine's order which parts of the car come onto tiles and leave them.</summary>
internal sealed class TileContactListener : ContactListener
{
    /// <summary>Marks a tile's fixture.</summary>
    public sealed record Tile(int Index);

    /// <summary>Marks a fixture of the car: 0 the hull, 1 … 4 the wheels.</summary>
    public sealed record CarPart(int Body);

    /// <summary>Where the touches of the present step go.</summary>
    public List<TileContact> Contacts { get; set; } = [];

    public override void BeginContact(in Contact contact) => Add(contact, true);

    public override void EndContact(in Contact contact) => Add(contact, false);

    public override void PreSolve(in Contact contact, in Manifold oldManifold)
    {
    }

    public override void PostSolve(in Contact contact, in ContactImpulse impulse)
    {
    }

    // Which of the two is the tile depends on which the engine found first. Others' fixtures are none of ours.
    private void Add(Contact contact, bool begin)
    {
        object a = contact.FixtureA.UserData, b = contact.FixtureB.UserData;
        if (a is Tile tile && b is CarPart part)
            Contacts.Add(new TileContact(part.Body, tile.Index, begin));
        else if (b is Tile otherTile && a is CarPart otherPart)
            Contacts.Add(new TileContact(otherPart.Body, otherTile.Index, begin));
    }
}
