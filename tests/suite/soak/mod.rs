//! Nothing acknowledged is lost: the process killed under load, stopped, on a full disk; the database
//! server restarted. The scenarios take a number of rounds: a few here, fifty with `make soak`.

mod afterwards;
mod load;
mod small_disk;

use rustix::process::Signal;

use self::afterwards::{all_are_there_once, the_counts_are_right, the_database_is_whole};
use self::load::{Load, Sent};
use self::small_disk::SmallDisk;
use crate::support::postgres::Postgres;
use crate::support::server::Server;

/// Connections that send.
const SENDERS: usize = 16;

/// Bytes of noise with each event.
const NOISE_BYTES: usize = 2 * 1024;

/// The same where a disk is to be filled soon.
const LARGE_NOISE_BYTES: usize = 64 * 1024;

/// Room on the small disk before the first round and for each further one, in MiB.
const SMALL_DISK_MIB: usize = 32;
const MORE_MIB_A_ROUND: usize = 24;

/// How many rounds: what `ANDON_SOAK_ROUNDS` says, else `usual`.
fn rounds(usual: usize) -> usize {
    match std::env::var("ANDON_SOAK_ROUNDS") {
        Ok(text) => text.parse().expect("ANDON_SOAK_ROUNDS must be a number"),
        Err(_) => usual,
    }
}

fn say(what: &str, rounds: usize, sent: &Sent) {
    println!(
        "{what}: {rounds} rounds, {} events acknowledged, each there once; {} requests without an answer, {} refused",
        sent.acknowledged.len(),
        sent.cut,
        sent.refused
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kills_under_load() {
    let rounds = rounds(2);
    let mut server = Server::start();
    let project = server.create_project("shop", &[]);
    let load = Load::start(&server, &project, SENDERS, NOISE_BYTES);
    for round in 0..rounds {
        // Not always at the same moment of a commit.
        load.until_acknowledged(&mut server, 50 + rand::random_range(0..100)).await;
        server.kill();
        server.restart();
        load.follow(&server);
        the_database_is_whole(&server.data()).await;
        if round % 10 == 9 {
            all_are_there_once(&server, &project, &load.acknowledged()).await;
        }
    }
    load.until_acknowledged(&mut server, load.senders()).await;
    let sent = load.stop().await;
    all_are_there_once(&server, &project, &sent.acknowledged).await;
    the_counts_are_right(&server, &project).await;
    the_database_is_whole(&server.data()).await;
    assert!(sent.cut > 0, "the kills hit nobody, so they proved nothing");
    say("kill -9", rounds, &sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_process_goes_on_and_what_was_sent_twice_is_there_once() {
    let rounds = rounds(1);
    let mut server = Server::start();
    let project = server.create_project("shop", &[]);
    let load = Load::start(&server, &project, SENDERS, NOISE_BYTES);
    for _ in 0..rounds {
        load.until_acknowledged(&mut server, 50).await;
        server.signal(Signal::STOP);
        // Every sender has given up once and sent the same again, into the queue of the stopped process.
        load.until_cut(&mut server, load.senders()).await;
        server.signal(Signal::CONT);
    }
    load.until_acknowledged(&mut server, 50).await;
    let sent = load.stop().await;
    all_are_there_once(&server, &project, &sent.acknowledged).await;
    the_counts_are_right(&server, &project).await;
    the_database_is_whole(&server.data()).await;
    say("SIGSTOP", rounds, &sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_loses_nothing_and_room_is_used_without_a_restart() {
    let rounds = rounds(2);
    let folder = tempfile::tempdir().unwrap();
    let more = rounds * MORE_MIB_A_ROUND;
    let disk = SmallDisk::mount(&folder.path().join("data"), SMALL_DISK_MIB, more);
    // The guard would refuse everything on so small a disk: here the disk itself is to refuse.
    let unguarded = [("ANDON_INGEST_MIN_FREE_DISK_BYTES", "0")];
    let mut server = Server::start_under(disk.command(), folder, &unguarded);
    let project = server.create_project("shop", &[]);
    let load = Load::start(&server, &project, SENDERS, LARGE_NOISE_BYTES);
    for round in 0..rounds {
        load.until_acknowledged(&mut server, 50).await;
        disk.fill();
        load.until_refused(&mut server, 2 * SENDERS).await;
        if round % 2 == 0 {
            // What is there can be read while nothing can be written.
            let acknowledged = load.acknowledged();
            all_are_there_once(&server, &project, &acknowledged[acknowledged.len() - 50..]).await;
        } else {
            server.kill();
        }
        disk.free(MORE_MIB_A_ROUND);
        if server.ended().is_some() {
            server.restart();
            load.follow(&server);
        }
    }
    load.until_acknowledged(&mut server, 50).await;
    let sent = load.stop().await;
    all_are_there_once(&server, &project, &sent.acknowledged).await;
    the_counts_are_right(&server, &project).await;
    server.kill();
    let copy = tempfile::tempdir().unwrap();
    disk.copy_database(copy.path());
    the_database_is_whole(copy.path()).await;
    say("full disk", rounds, &sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_restarts_of_postgresql() {
    let rounds = rounds(1);
    let mut postgres = Postgres::start();
    postgres.until_it_answers().await;
    let url = postgres.database().await;
    let mut server = Server::start_with(&[("ANDON_DATABASE_URL", &url)]);
    let project = server.create_project("shop", &[]);
    let load = Load::start(&server, &project, SENDERS, NOISE_BYTES);
    for _ in 0..rounds {
        load.until_acknowledged(&mut server, 50 + rand::random_range(0..100)).await;
        postgres.crash();
        postgres.start_again();
    }
    load.until_acknowledged(&mut server, 50).await;
    let sent = load.stop().await;
    all_are_there_once(&server, &project, &sent.acknowledged).await;
    the_counts_are_right(&server, &project).await;
    say("PostgreSQL restarted", rounds, &sent);
}
